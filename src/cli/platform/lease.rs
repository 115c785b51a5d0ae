//! Leases of temporary endpoints: a file that is locked while its owner lives, so that what a crash left behind is found
//! and removed the next time.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::platform::desk::Desk;
use crate::config::private;

/// What a lease is about, as its first line says; the id follows in a line of its own once it is known.
#[derive(Debug, Deserialize, Serialize)]
struct Entry {
    platform: String,
    address: String,
    name: String,
    url: String,
}

/// A lease, as long as it lives.
#[derive(Debug)]
pub(in crate::cli) struct Lease {
    path: PathBuf,
    file: File,
}

impl Lease {
    /// Takes a lease before the endpoint is made.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(in crate::cli) fn take(context: &Context, desk: &Desk<'_>, name: &str, url: &str) -> Result<Self, CliError> {
        let folder = folder(context);
        let taken = || -> io::Result<Self> {
            private::folder(&folder)?;
            let path = folder.join(format!("{:032x}.json", context.clock.chance()));
            let early = path.with_extension("new");
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&early)?;
            file.lock()?;
            let entry = Entry {
                platform: desk.platform.name.clone(),
                address: desk.address(),
                name: name.to_owned(),
                url: url.to_owned(),
            };
            writeln!(file, "{}", serde_json::to_string(&entry)?)?;
            // Whoever looks finds it locked and whole, or not at all.
            fs::rename(&early, &path)?;
            Ok(Self { path, file })
        };
        taken().map_err(|why| CliError::file(&folder, &why))
    }

    /// Adds which endpoint it is.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(in crate::cli) fn is_for(&mut self, id: &str) -> Result<(), CliError> {
        writeln!(self.file, "{id}").map_err(|why| CliError::file(&self.path, &why))
    }

    /// Ends it: the endpoint is gone, or never was.
    pub(in crate::cli) fn end(self) {
        drop(fs::remove_file(&self.path));
    }
}

impl Desk<'_> {
    /// Removes the temporary endpoints at this platform whose owners are gone.
    ///
    /// # Errors
    /// If the platform does not answer, or refuses.
    pub(in crate::cli) async fn sweep(&self) -> Result<(), CliError> {
        for (path, file) in abandoned(&folder(self.context)) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let mut lines = text.lines();
            let Some(entry) = lines.next().and_then(|line| serde_json::from_str::<Entry>(line).ok()) else { continue };
            if entry.platform != self.platform.name || entry.address != self.address() {
                continue;
            }
            let id = lines.next();
            let is_it = |one: &crate::platform::admin::Hook| match id {
                Some(id) => one.text("id") == id,
                None => one.text("url") == entry.url && one.text("name") == entry.name,
            };
            if let Some(left) = self.all().await?.into_iter().find(is_it) {
                self.delete(&left).await?;
                let line = format!("  removed {}, which a run that crashed left behind", left.text("id"));
                self.context.ui.note(&crate::view::safe(line.as_bytes()));
            }
            drop(fs::remove_file(&path));
            drop(file);
        }
        Ok(())
    }
}

fn folder(context: &Context) -> PathBuf {
    context.settings.home.join("leases")
}

/// The leases that nobody holds.
fn abandoned(folder: &Path) -> Vec<(PathBuf, File)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let leases = paths.filter(|path| path.extension().is_some_and(|end| end == "json"));
    leases
        .filter_map(|path| {
            let file = File::open(&path).ok()?;
            file.try_lock().ok()?;
            Some((path, file))
        })
        .collect()
}

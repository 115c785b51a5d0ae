//! What every command has at hand: settings, the store, the clock, the terminal.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::error::{CliError, Exit};
use crate::cli::signal::Signals;
use crate::cli::ui::Ui;
use crate::clock::{Clock, SystemClock};
use crate::config::secret::SecretSource;
use crate::config::{Settings, World};
use crate::model::{App, AppName, Secret};
use crate::net::ClientOptions;
use crate::relay::judge::own_app;
use crate::sign::Known;
use crate::store::{self, Durability, Mode, OpenOptions, Store, StoreError};

/// What every command has at hand.
#[derive(Clone)]
pub struct Context {
    /// What the process was started with.
    pub world: World,
    /// Every setting.
    pub settings: Settings,
    /// The terminal.
    pub ui: Ui,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// The schemes that can be chosen and detected, the user's own among them.
    pub known: Known,
    /// Files with a scheme of the user's own.
    pub scheme_files: Vec<PathBuf>,
    /// Files with names for `env:`.
    pub env_files: Vec<PathBuf>,
    /// Whether questions are answered with yes.
    pub yes: bool,
    /// Whether questions are not asked.
    pub no_input: bool,
}

impl Context {
    /// Looks at nothing but what it is given; the clock is the machine's.
    #[must_use]
    pub fn new(world: World, settings: Settings, ui: Ui) -> Self {
        Self {
            world,
            settings,
            ui,
            clock: Arc::new(SystemClock),
            known: Known::default(),
            scheme_files: Vec::new(),
            env_files: Vec::new(),
            yes: false,
            no_input: false,
        }
    }

    /// The app that this command is about.
    ///
    /// # Errors
    /// If the setting cannot name an app.
    pub fn app(&self) -> Result<AppName, CliError> {
        Ok(self.settings.parse("app", str::parse)?)
    }

    /// The store, made if there is none yet.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn store(&self) -> Result<Arc<dyn Store>, CliError> {
        Ok(store::open(&self.settings.store(), &self.open_options(Mode::Create)?)?)
    }

    /// The store if there is one; looking never makes one.
    ///
    /// # Errors
    /// If it is there and cannot be opened.
    pub fn existing_store(&self) -> Result<Option<Arc<dyn Store>>, CliError> {
        match store::open(&self.settings.store(), &self.open_options(Mode::Existing)?) {
            Ok(store) => Ok(Some(store)),
            Err(StoreError::Missing(_)) => Ok(None),
            Err(why) => Err(why.into()),
        }
    }

    fn open_options(&self, mode: Mode) -> Result<OpenOptions, CliError> {
        let durability = self.settings.parse("durability", |text| match text {
            "full" => Ok(Durability::Full),
            "process" => Ok(Durability::Process),
            "replicated" => Ok(Durability::Replicated),
            other => Err(format!("\"{other}\" is neither full, process nor replicated")),
        })?;
        Ok(OpenOptions { durability, mode })
    }

    /// The secrets that were given, by flag or by setting.
    ///
    /// # Errors
    /// If a variable or a file is missing.
    pub fn secrets(&self, flags: &[String]) -> Result<Vec<Secret>, CliError> {
        let given = if flags.is_empty() { self.settings.list("secret") } else { flags.to_vec() };
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let source = SecretSource::new(&self.world, &self.env_files)?;
        given.iter().map(|text| Ok(source.secret(text)?)).collect()
    }

    /// The secrets that were given, or the app's own, which `whk listen` knows too.
    ///
    /// # Errors
    /// If a variable or a file is missing, or the store fails.
    pub fn signing_secrets(&self, flags: &[String]) -> Result<Vec<Secret>, CliError> {
        let given = self.secrets(flags)?;
        if !given.is_empty() {
            return Ok(given);
        }
        self.block_on_value(async {
            let store = self.store()?;
            let app = self.own_app(store.as_ref(), &self.app()?).await?;
            store.close().await?;
            Ok(app.secrets.into_iter().take(1).collect())
        })
    }

    /// The secrets that were given, or those of an app that is there; nothing is made.
    ///
    /// # Errors
    /// If there are none, a variable or a file is missing, or the store fails.
    pub fn known_secrets(&self, flags: &[String], what_for: &str) -> Result<Vec<Secret>, CliError> {
        let given = self.secrets(flags)?;
        if !given.is_empty() {
            return Ok(given);
        }
        let missing = || {
            CliError::usage(format!("there is no secret {what_for}: give --secret"))
                .hint("--secret env:NAME keeps it out of sight; whk secret show prints the app's own")
        };
        let store = self.existing_store()?.ok_or_else(missing)?;
        let name = self.app()?;
        let app = self.block_on_value(async { Ok(store.app(name.as_str()).await?) })?;
        app.map(|app| app.secrets).filter(|secrets| !secrets.is_empty()).ok_or_else(missing)
    }

    /// How a client behaves that trusts what the flags say.
    ///
    /// # Errors
    /// If the file with certificates cannot be read.
    pub fn client_options(&self, insecure: bool, cacert: Option<&Path>) -> Result<ClientOptions, CliError> {
        let ca_pem = cacert.map(|path| self.read(path)).transpose()?;
        Ok(ClientOptions { insecure, ca_pem, ..ClientOptions::default() })
    }

    /// The app, made with a secret of its own on first use.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn own_app(&self, store: &dyn Store, name: &AppName) -> Result<App, CliError> {
        Ok(own_app(store, self.clock.as_ref(), name).await?)
    }

    /// Runs one task to its end on this thread, or until a signal.
    ///
    /// # Errors
    /// What the task's are.
    pub fn block_on(&self, task: impl Future<Output = Result<Exit, CliError>>) -> Result<Exit, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::internal)?;
        runtime.block_on(async {
            let mut signals = Signals::new()?;
            tokio::select! {
                result = task => result,
                exit = signals.next() => Ok(exit),
            }
        })
    }

    /// Runs one task to its end on this thread, for what takes no time to speak of.
    ///
    /// # Errors
    /// What the task's are.
    pub fn block_on_value<T>(&self, task: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::internal)?;
        runtime.block_on(task)
    }

    /// The bytes of `@file`, `-` (standard input), or the text itself.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn bytes_of(&self, given: &str) -> Result<Vec<u8>, CliError> {
        match given.strip_prefix('@') {
            Some(path) => self.read(Path::new(path)),
            None if given == "-" => self.stdin(),
            None => {
                if self.world.folder.join(given).is_file() {
                    self.ui.note(&format!("\"{given}\" is taken as the text itself; the file is @{given}"));
                }
                Ok(given.as_bytes().to_vec())
            }
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, CliError> {
        std::fs::read(self.world.folder.join(path)).map_err(|why| CliError::file(path, &why))
    }

    /// Everything on standard input.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn stdin(&self) -> Result<Vec<u8>, CliError> {
        if self.ui.interactive {
            self.ui.note("reading standard input; ^D ends it");
        }
        let mut bytes = Vec::new();
        let read = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes);
        read.map_err(|why| CliError::file(Path::new("standard input"), &why))?;
        Ok(bytes)
    }
}

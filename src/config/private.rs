//! Files and folders that are nobody else's business: 0600 and 0700, never through a symbolic link.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Makes the folder, for its owner alone.
///
/// # Errors
/// If it cannot be made.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes the file whole or not at all, for its owner alone.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    // Left over from a process of the same number that was killed.
    drop(fs::remove_file(&beside));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let own = home.path().join("a/b");
        folder(&own).unwrap();
        write(&own.join("f"), b"x").unwrap();
        write(&own.join("f"), b"y").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&own), mode(&own.join("f"))), (0o700, 0o600));
        assert_eq!(fs::read(own.join("f")).unwrap(), b"y");
        assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
    }
}

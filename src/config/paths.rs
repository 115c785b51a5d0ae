//! Where state and settings live on this machine.

use std::path::PathBuf;

use crate::config::World;

/// The folder for state: `WHK_HOME`, else `whk` in the platform's data folder.
#[must_use]
pub fn home(world: &World) -> Option<PathBuf> {
    match world.variable("WHK_HOME") {
        Some(path) if !path.is_empty() => Some(PathBuf::from(path)),
        _ => dirs::data_dir().map(|folder| folder.join("whk")),
    }
}

/// The user's settings.
#[must_use]
pub fn user_file() -> Option<PathBuf> {
    dirs::config_dir().map(|folder| folder.join("whk").join("config.toml"))
}

/// The keys to platforms that the user asked to keep.
#[must_use]
pub fn keys_file() -> Option<PathBuf> {
    dirs::config_dir().map(|folder| folder.join("whk").join("keys.toml"))
}

/// The project's settings: `whk.toml` here or in a folder above.
#[must_use]
pub fn project_file(world: &World) -> Option<PathBuf> {
    world.folder.ancestors().map(|folder| folder.join("whk.toml")).find(|path| path.is_file())
}

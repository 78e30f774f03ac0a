//! Programs that stand in for the system's.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use crate::common::Place;

impl Place {
    /// A program of the test's own, found before the system's by [`Place::path_first`].
    pub(crate) fn fake(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// One of the system's programs, for a PATH that has no others.
    pub(crate) fn real(&self, name: &str) {
        let path = env::split_paths(&env::var_os("PATH").unwrap())
            .map(|folder| folder.join(name))
            .find(|path| path.exists())
            .unwrap();
        symlink(path, self.path("bin").join(name)).unwrap();
    }

    /// A PATH with the fakes in front.
    pub(crate) fn path_first(&self) -> OsString {
        let system = env::var_os("PATH").unwrap();
        env::join_paths([self.path("bin")].into_iter().chain(env::split_paths(&system))).unwrap()
    }
}

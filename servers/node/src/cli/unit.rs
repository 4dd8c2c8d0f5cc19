//! The service unit for a folder that `init` made.

use std::path::Path;

/// The unit of the packages, whose folder is systemd's own.
const PACKAGED: &str = include_str!("../../packaging/tacit-node.service");

/// The packaged unit, changed for a node of user `owner` (a number) in `dir`.
pub(super) fn unit(program: &Path, dir: &Path, owner: u32) -> String {
    let dir = dir.display();
    PACKAGED
        .lines()
        .map(|line| match line.split_once('=') {
            Some(("ExecStart", _)) => format!("ExecStart=\"{}\" run --config \"{dir}/node.toml\"\n", program.display()),
            Some(("ConditionPathExists", _)) => format!("ConditionPathExists={dir}/node.toml\n"),
            Some(("DynamicUser", _)) => format!("User={owner}\n"),
            Some(("StateDirectory", _)) => format!("ReadWritePaths=\"{dir}\"\n"),
            Some(("StateDirectoryMode", _)) => String::new(),
            // The folder, or the program, may lie in somebody's home.
            Some(("ProtectHome", _)) => "ProtectHome=read-only\n".to_owned(),
            _ => format!("{line}\n"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_names_program_folder_and_user_and_keeps_the_rest() {
        let unit = unit(Path::new("/opt/tacit-node"), Path::new("/srv/node"), 1000);
        assert!(unit.contains("ExecStart=\"/opt/tacit-node\" run --config \"/srv/node/node.toml\"\n"), "{unit}");
        assert!(unit.contains("User=1000\n") && unit.contains("ReadWritePaths=\"/srv/node\"\n"), "{unit}");
        assert!(unit.contains("NoNewPrivileges=yes\n") && unit.contains("Type=notify\n"), "{unit}");
        assert!(!unit.contains("DynamicUser") && !unit.contains("StateDirectory"), "{unit}");
    }
}

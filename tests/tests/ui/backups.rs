//! A backup to a file, and an account that comes back from it.

use std::rc::Rc;

use tacit_tests::harness::LocalNetwork;

use crate::stage::{Device, Stage, play, shot};

#[test]
fn an_account_comes_back_from_a_file_with_its_messages() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let folder = tempfile::tempdir().unwrap();
        let mara = stage.open_on("Mara", Rc::clone(&device));
        mara.create_account().await;
        let id = mara.own_id().await;
        mara.begin_conversation(&id).await;
        mara.send("where the spare key lies", "kept by ").await;
        mara.tap("Back").await;

        mara.tap_beginning("Profile and settings").await;
        mara.tap("Backup").await;
        assert!(!mara.is_enabled("Back up now").await, "there is no folder yet");
        *device.chosen.borrow_mut() = Some(folder.path().to_owned());
        mara.tap_beginning("Folder, ").await;
        mara.tap_beginning("A passphrase, ").await;
        mara.write("Passphrase", "twelve letters or more").await;
        mara.write("Once more", "twelve letters or more").await;
        mara.tap("Save").await;
        mara.tap("Back up now").await;
        mara.expect("Backed up").await;
        shot(&mara, "backup-done").await;
        mara.close();

        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        *device.chosen.borrow_mut() = Some(file);
        let back = stage.open_on("Mara on another device", Rc::clone(&device));
        back.tap("I have an account").await;
        back.tap("Restore from backup").await;
        back.tap("Choose file").await;
        back.write("Passphrase of the backup", "another passphrase").await;
        back.tap("Restore").await;
        back.expect_part("This passphrase doesn't open the file.").await;
        shot(&back, "restore-backup-wrong").await;
        back.write("Passphrase of the backup", "twelve letters or more").await;
        back.tap("Restore").await;
        back.expect("Everything is back").await;
        shot(&back, "restore-backup-done").await;
        back.tap("Go on").await;
        back.expect_part("Note to self, where the spare key lies").await;
        assert_eq!(back.own_id().await, id);
        back.close();
    });
}

#[test]
fn a_file_that_is_no_backup_is_told() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let letter = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(letter.path(), "dear Ines").unwrap();
        *device.chosen.borrow_mut() = Some(letter.path().to_owned());
        let mara = stage.open_on("Mara", Rc::clone(&device));
        mara.tap("I have an account").await;
        mara.tap("Restore from backup").await;
        mara.tap("Choose file").await;
        mara.expect_part("This file isn't a backup of Tacit.").await;
        shot(&mara, "restore-backup-unreadable").await;
        mara.close();
    });
}

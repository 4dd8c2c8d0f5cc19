//! Accounts that cannot be opened.

use tacit_tests::harness::LocalNetwork;

use crate::stage::{Stage, play, shot};

#[test]
fn an_account_that_cannot_be_opened_is_told_and_left_as_it_is() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        let id = mara.own_id().await;

        // A second window on the same folder.
        let second = stage.open("Mara");
        second.expect("Another Tacit has it open. Close that one first.").await;
        second.close();
        mara.close();

        // The key is gone, comes back, and nothing was lost.
        let (key, hidden) = (stage.folder("Mara").join("key"), stage.folder("Mara").join("hidden"));
        std::fs::rename(&key, &hidden).unwrap();
        let mara = stage.open("Mara");
        mara.expect("The key on this device doesn't fit. Nothing was changed.").await;
        shot(&mara, "safe-start-wrong-key").await;
        std::fs::rename(&hidden, &key).unwrap();
        mara.tap("Try again").await;
        mara.expect("Chats").await;
        assert_eq!(mara.own_id().await, id);
        mara.close();

        // A damaged file is said, and goes only after the word was typed.
        let database = stage.folder("Mara").join("tacit.db");
        let whole = std::fs::read(&database).unwrap();
        std::fs::write(&database, vec![7; whole.len()]).unwrap();
        let mara = stage.open("Mara");
        mara.expect("Tacit couldn't open its data.").await;
        mara.tap("Erase and start over").await;
        assert!(!mara.is_enabled("Erase and start over").await);
        mara.write("Type “erase” to delete everything in this folder", "erase").await;
        mara.tap("Erase and start over").await;
        mara.expect("Create account").await;
        mara.close();
    });
}

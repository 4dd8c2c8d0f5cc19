//! Making an account, and bringing it back.

use std::rc::Rc;

use tacit_tests::harness::{LocalNetwork, Person};

use crate::stage::{Device, Stage, play, shot};

#[test]
fn an_account_is_made_with_a_name_and_is_there_after_a_restart() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.expect("Send messages, not metadata.").await;
        shot(&mara, "welcome").await;
        mara.tap("Create account").await;
        mara.expect("Please enter a name. It needn't be your real one.").await;
        assert!(!mara.is_enabled("Continue").await, "nobody is without a name");
        mara.write("Your name", &"é".repeat(51)).await;
        mara.expect("This name is too long.").await;
        mara.write("Your name", "  Mara  ").await;
        mara.tap("Back").await;
        mara.expect("Discard changes?").await;
        mara.tap("Keep editing").await;
        mara.tap("Continue").await;
        mara.expect("Nobody here yet.").await;
        let id = mara.own_id().await;
        assert_eq!(id.len(), 66);
        mara.expect_part("Connected over 3 nodes").await;
        mara.close();

        let mara = stage.open("Mara");
        mara.expect("Save your recovery phrase").await;
        assert_eq!(mara.own_id().await, id);
        assert_eq!(mara.client().display_name(), "Mara");
        mara.close();
    });
}

#[test]
fn the_recovery_phrase_is_copied_after_a_question_and_the_banner_goes_for_good() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let mara = stage.open_on("Mara", Rc::clone(&device));
        mara.create_account().await;
        mara.tap("Save it now").await;
        mara.expect("Nobody around?").await;
        mara.tap("Show the words").await;
        mara.expect_part("1 ").await;
        mara.tap("Copy").await;
        mara.expect("Copy the recovery phrase?").await;
        mara.tap("Cancel").await;
        use tacit_app::platform::Platform as _;
        assert_eq!(device.clipboard(), None, "nothing was copied without a yes");
        mara.tap("Copy").await;
        mara.expect("Copy the recovery phrase?").await;
        // Two buttons say “Copy” now: the dialog's is the last.
        mara.tap_last("Copy").await;
        mara.expect("Copied for one minute").await;
        let copied = device.clipboard().unwrap();
        assert_eq!(copied, *mara.client().phrases().await.unwrap().session13);
        assert!(*device.sensitive.borrow(), "kept out of clipboard histories");
        mara.tap("I wrote it down").await;
        let words: Vec<_> = copied.split(' ').collect();
        for _ in 0..3 {
            let question = mara.expect_part("Which is word ").await;
            let number: usize = question.trim_start_matches("Which is word ").trim_end_matches('?').parse().unwrap();
            if number == 1 {
                shot(&mara, "recovery-verify").await;
            }
            mara.tap(words[number - 1]).await;
            mara.until("the next question", |_| (!mara.sees(&question)).then_some(())).await;
        }
        mara.expect("Saved.").await;
        shot(&mara, "recovery-verified").await;
        mara.tap("Done").await;
        mara.expect("Chats").await;
        mara.expect_no("Save your recovery phrase").await;
        mara.close();
        let mara = stage.open("Mara");
        mara.expect("Chats").await;
        mara.expect("Profile and settings").await;
        assert!(!mara.sees("Save your recovery phrase"));
        mara.close();
    });
}

#[test]
fn an_account_comes_back_from_typed_words_one_of_them_wrong_with_what_is_on_the_swarm() {
    let network = LocalNetwork::start(12, 2);
    let old = Person::join(network.profile(), "Mara");
    let friend = Person::join(network.profile(), "Ines");
    friend.send(&old.id, "are you still there?").unwrap();
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.tap("I have an account").await;
        let words: Vec<&str> = old.phrase.split(' ').collect();
        for (index, word) in words.iter().enumerate() {
            // A slip of the finger: only the first three letters of a word count.
            let typed = if index == 4 { format!("q{word} ") } else { format!("{word} ") };
            mara.write("Next word", &typed).await;
        }
        let wrong = format!("q{}", words[4]);
        mara.expect(&format!("“{wrong}” isn't in the list.")).await;
        assert!(!mara.is_enabled("Continue").await, "a wrong word opens no account");
        shot(&mara, "restore-wrong-word").await;
        mara.tap(words[4]).await;
        mara.expect("All words are right.").await;
        mara.tap("Continue").await;
        mara.expect("Welcome back, Mara").await;
        shot(&mara, "restoring-found").await;
        mara.tap("Go on").await;
        mara.tap("1 message request").await;
        mara.tap_beginning("Ines, are you still there?").await;
        mara.until("the message", |_| (mara.bubbles() == ["are you still there?"]).then_some(())).await;
        assert_eq!(mara.client().account_id().to_hex(), old.id);
        mara.close();
    });
}

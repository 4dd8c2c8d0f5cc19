//! The app in a window, on a private network, with two people to talk to.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_app::platform::{System, prefer_colour_emoji};
use tacit_app::{Start, Tacit};
use tacit_wire::profile::NetworkProfile;
use tokio::runtime::Runtime;

use super::companion::{CHARACTERS, live};
use crate::harness::LocalNetwork;

const NODES: usize = 12;
const SWARMS: usize = 2;
/// How often it is looked whether there is an account by now.
const LOOK: Duration = Duration::from_millis(200);

/// Opens it; returns when the window is closed. Nothing is left but what is said on standard
/// output: all accounts live in a temporary folder.
///
/// # Panics
/// When the network does not start or no window can be opened.
pub fn window() {
    println!("Starting a network of {NODES} nodes on this machine …");
    let network = LocalNetwork::start(NODES, SWARMS);
    let accounts = tempfile::tempdir().unwrap();
    println!("Your account lives in {} until you close the window.", accounts.path().display());
    println!("Ines and Jonas greet you as soon as you have made one. Ctrl-C or closing the window ends everything.");
    let profile = NetworkProfile::parse(&std::fs::read(network.profile()).unwrap()).unwrap();
    let start = Start::new(accounts.path().join("you"), Some(profile.clone()));
    let runtime = Runtime::new().unwrap();
    quit_on_interrupt(&runtime);
    let tacit = Rc::new(Tacit::start(start, Rc::new(System::default())).unwrap());
    prefer_colour_emoji();

    let greeting = Timer::default();
    let (app, folder, companions) = (Rc::downgrade(&tacit), accounts.path().to_owned(), runtime.handle().clone());
    let mut greeted = false;
    greeting.start(TimerMode::Repeated, LOOK, move || {
        if let Some(client) = app.upgrade().filter(|_| !greeted).and_then(|app| app.client()) {
            greeted = true;
            wake_companions(&companions, &folder, &profile, client.account_id());
        }
    });

    let shown = tacit.window().run();
    drop(greeting);
    if let Ok(tacit) = Rc::try_unwrap(tacit) {
        tacit.close();
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    shown.unwrap();
}

/// Two people make accounts in a network and write to somebody.
pub fn wake_companions(
    runtime: &tokio::runtime::Handle,
    accounts: &Path,
    network: &NetworkProfile,
    friend: tacit_wire::AccountId,
) {
    for character in &CHARACTERS {
        let (folder, network) = (accounts.join(character.name), network.clone());
        runtime.spawn(async move {
            if let Err(error) = live(character, &folder, network, friend).await {
                eprintln!("{} went away: {error}", character.name);
            }
        });
    }
}

/// Ctrl-C ends the event loop, and with it everything in order.
fn quit_on_interrupt(runtime: &Runtime) {
    runtime.spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            // The loop may have ended by itself meanwhile.
            let _ = slint::quit_event_loop();
        }
    });
}

//! Somebody to talk to: a real client in this process that greets and answers.

use std::path::Path;

use tacit_client::{Client, ConversationId, Error, Event, KeySource, Message, Options, ProfileFolder, State};
use tacit_wire::AccountId;
use tacit_wire::profile::NetworkProfile;

/// What a companion is like.
pub struct Character {
    /// Display name.
    pub name: &'static str,
    /// What they write first.
    pub greeting: &'static str,
    /// What they answer, one after the other; `{}` is what they were told.
    pub answers: &'static [&'static str],
}

/// The two who wait in the window.
pub const CHARACTERS: [Character; 2] = [
    Character {
        name: "Ines",
        greeting: "Hello! I'm Ines 👋 I live in the same program as your window, but all that we write takes the long way: three nodes, a swarm, and back.",
        answers: &[
            "“{}”, you say. I like that.",
            "I got it: “{}”. Six nodes keep each of our messages until we have them.",
            "Oh! “{}” 😄",
            "Tap the green dot above your chats: that is the path on which “{}” came to me.",
        ],
    },
    Character {
        name: "Jonas",
        greeting: "Hi, this is Jonas. Write me something, anything. I answer everything.",
        answers: &["Interesting. “{}”?", "Tell me more about “{}”.", "I'll think about “{}” on my walk 🚶", "👍"],
    },
];

/// Characters of what they were told that they repeat.
const QUOTED: usize = 200;

/// Makes an account, greets somebody, and answers until the runtime ends.
pub async fn live(
    character: &'static Character,
    folder: &Path,
    network: NetworkProfile,
    friend: AccountId,
) -> Result<(), Error> {
    let options = Options { network: Some(network), polling: true, limits: tacit_network::Config::default() };
    let client = Client::create(ProfileFolder::open(folder)?, KeySource::File, character.name, options).await?;
    let mut events = client.events();
    let conversation = client.open_conversation(&friend).await?;
    client.send_text(conversation, character.greeting).await?;
    let mut answers = character.answers.iter().cycle();
    loop {
        let told = match events.recv().await {
            Ok(Event::Received(message)) if is_told(&message) => message,
            Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return Ok(()),
        };
        let answer = answers.next().map_or("", |answer| answer);
        reply(&client, told.conversation, answer, &told.text).await?;
    }
}

fn is_told(message: &Message) -> bool {
    message.state == State::Received && !message.text.is_empty()
}

async fn reply(client: &Client, to: ConversationId, answer: &str, told: &str) -> Result<(), Error> {
    let quote: String = told.chars().take(QUOTED).collect();
    client.mark_read(to, None).await?;
    client.send_text(to, &answer.replace("{}", quote.trim())).await?;
    Ok(())
}

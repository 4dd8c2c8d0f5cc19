//! Profiles that come along, and requests that were accepted (protocol: messages 4.10, 4.11).

use tacit_store::{Error, MessageKind, NewMessage, Peer, State};
use tacit_wire::name;
use tacit_wire::proto::Content;

use crate::events::Event;
use crate::inbox::apply::{Batch, Outcome};
use crate::inbox::read::Incoming;

/// A profile as it came along. `Debug` shows no key.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) updated_s: u64,
    /// Empty for no picture.
    pub(crate) picture_url: String,
    pub(crate) picture_key: Vec<u8>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The profile of whoever sent this: a name cut to its length, a picture only with its key.
pub(in crate::inbox) fn parse_profile(content: &Content) -> Option<Profile> {
    let (profile, key) = match (&content.data_message, &content.message_request_response) {
        (Some(message), _) => (&message.profile, &message.profile_key),
        (None, Some(response)) => (&response.profile, &response.profile_key),
        (None, None) => return None,
    };
    let profile = profile.as_ref()?;
    let url = profile.profile_picture();
    let key = key.as_deref().filter(|key| matches!(key.len(), 16 | 32));
    let whole = !url.is_empty() && url.len() <= name::MAX_PICTURE_URL;
    let (url, key) = key.filter(|_| whole).map_or(("", &[][..]), |key| (url, key));
    Some(Profile {
        name: name::cut(profile.display_name()).to_owned(),
        updated_s: profile.last_update_seconds(),
        picture_url: url.to_owned(),
        picture_key: key.to_vec(),
    })
}

impl Batch<'_> {
    pub(in crate::inbox) fn accepted(&self, incoming: &Incoming) -> Outcome {
        let from = &incoming.from;
        let Some(contact) = self.tx.contact(from)?.filter(|contact| contact.approved) else {
            return Ok(Err("unasked_response"));
        };
        self.update_profile(incoming)?;
        let mut events = vec![Event::Conversations];
        if !contact.approved_me {
            let conversation = self.tx.open_conversation(&Peer::person(from), self.now)?;
            self.tx.set_approved_me(from, true, self.now)?;
            let line = NewMessage {
                kind: MessageKind::RequestAccepted,
                ..NewMessage::text(conversation, *from, State::Received, incoming.sent_at, "")
            };
            self.tx.insert_message(&line, self.now)?;
            events.push(Event::Messages { conversation });
        }
        Ok(Ok(events))
    }

    pub(in crate::inbox) fn update_profile(&self, incoming: &Incoming) -> Result<(), Error> {
        let Some(Profile { name, updated_s, picture_url, picture_key }) = &incoming.profile else { return Ok(()) };
        if incoming.from == *self.me {
            return Ok(());
        }
        let profile = tacit_store::Profile { name, updated_s: *updated_s, picture_url, picture_key };
        self.tx.update_profile(&incoming.from, &profile, self.now)?;
        Ok(())
    }
}

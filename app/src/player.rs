//! The one voice message that plays, wherever one is in the app.

mod sound;

use std::cell::{Cell, RefCell};
use std::io::Cursor;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::media::audio::Playback;
use tacit_client::{AttachmentId, AttachmentRole, Client, ConversationId, Error, FileError, MediaKind, MessageId};
use tacit_sound::Notice;
use tacit_ui::{App, PlayerState, Screen, Texts};
use tokio::sync::mpsc;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::files::{attachment_of, file_key};
use crate::part::Part;
use crate::person;
use sound::Sound;

/// Speeds in the order in which they come.
const SPEEDS: [f32; 3] = [1., 1.5, 2.];
/// How often the place moves.
const TICK: Duration = Duration::from_millis(100);
/// The recording that was not sent yet.
pub(crate) const DRAFT: &str = "draft";
/// Voice messages among which the next one is looked for.
const LOOKED_AT: u32 = 50;

/// Where a voice message stands.
#[derive(Clone)]
struct Origin {
    conversation: ConversationId,
    message: MessageId,
    attachment: AttachmentId,
    title: String,
    /// From somebody else and never heard.
    unplayed: bool,
}

/// What plays.
struct Playing {
    id: String,
    origin: Option<Origin>,
    length: Duration,
    player: tacit_sound::Player<Sound>,
    _listening: Task,
}

/// The player.
pub(crate) struct Player {
    me: Weak<Self>,
    context: Rc<Context>,
    playing: RefCell<Option<Playing>>,
    /// The recording that can be listened to before it is sent.
    draft: RefCell<Option<Vec<u8>>>,
    /// Counts what was begun, so that an answer that comes late is known.
    turn: Cell<u64>,
    /// The conversation that is on the screen.
    shown: Cell<Option<ConversationId>>,
    ticking: Timer,
}

impl Player {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            playing: RefCell::default(),
            draft: RefCell::default(),
            turn: Cell::default(),
            shown: Cell::default(),
            ticking: Timer::default(),
        });
        let state = window.global::<PlayerState>();
        on!(state, part, on_toggle, |this, id| this.toggle(&id));
        on!(state, part, on_seek, |this, id, to| this.seek(&id, to));
        on!(state, part, on_cycle_speed, |this| this.cycle_speed());
        on!(state, part, on_close, |this| this.stop());
        on!(state, part, on_open, |this| this.open());
        part
    }

    fn toggle(&self, id: &str) {
        let current = self.playing.borrow().as_ref().is_some_and(|playing| playing.id == id);
        match current {
            true => self.set_playing(|playing| !playing.player.is_playing()),
            false => self.begin(id.to_owned()),
        }
    }

    fn set_playing(&self, wanted: impl FnOnce(&Playing) -> bool) {
        if let Some(playing) = self.playing.borrow().as_ref() {
            if wanted(playing) { playing.player.play() } else { playing.player.pause() }
        }
        self.show();
    }

    /// Opens a sound and plays it; what played before ends.
    fn begin(&self, id: String) {
        self.stop();
        self.turn.set(self.turn.get() + 1);
        let (turn, draft) = (self.turn.get(), self.draft.borrow().clone());
        let speed = self.context.window().map_or(1., |window| window.global::<PlayerState>().get_speed());
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let wanted = id.clone();
            let (heard, notices) = mpsc::unbounded_channel();
            let opened = context.call(move |account| open(account, wanted, draft, speed, heard)).await;
            let Some(this) = me.upgrade().filter(|this| this.turn.get() == turn) else { return };
            match opened {
                Ok((player, length, origin)) => this.play(id, player, length, origin, notices),
                Err(error) => context.report(&error),
            }
        });
    }

    fn play(
        &self,
        id: String,
        opened: Opened,
        length: Duration,
        origin: Option<Origin>,
        mut notices: mpsc::UnboundedReceiver<Notice>,
    ) {
        let player = match opened {
            Ok(player) => player,
            Err(error) => return self.context.say_of_sound(&error, |app| app.global::<Texts>().invoke_cannot_play()),
        };
        player.play();
        if let Some(Origin { attachment, unplayed: true, .. }) = origin
            && let Some(account) = self.context.account()
        {
            self.context.bridge.launch(async move { account.client.set_played(attachment).await });
        }
        let me = Weak::clone(&self.me);
        let listening = Task::run(async move {
            while let (Some(notice), Some(this)) = (notices.recv().await, me.upgrade()) {
                this.notice(notice);
            }
        });
        *self.playing.borrow_mut() = Some(Playing { id, origin, length, player, _listening: listening });
        let me = Weak::clone(&self.me);
        self.ticking.start(TimerMode::Repeated, TICK, move || {
            if let Some(this) = me.upgrade() {
                this.show();
            }
        });
        self.show();
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Ended => self.go_on(),
            Notice::Failed(error) => {
                self.context.say_of_sound(&error, |app| app.global::<Texts>().invoke_cannot_play_on());
                go_later(&self.me);
            }
        }
    }

    /// After a voice message comes the next one that was not heard.
    fn go_on(&self) {
        let origin = self.playing.borrow().as_ref().and_then(|playing| playing.origin.clone());
        go_later(&self.me);
        let autoplay = |account: &Account| account.client.settings().borrow().voice_autoplay;
        let wanted = origin.filter(|origin| origin.unplayed && self.context.account().as_ref().is_some_and(autoplay));
        let Some(origin) = wanted else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let next = context.call(move |account| next(account.client, origin)).await;
            if let (Ok(Some(next)), Some(this)) = (next, me.upgrade()) {
                this.begin(file_key(next).into());
            }
        });
    }

    fn seek(&self, id: &str, to: f32) {
        if let Some(playing) = self.playing.borrow().as_ref().filter(|playing| playing.id == id) {
            playing.player.seek(playing.length.mul_f32(to.clamp(0., 1.)));
        }
        self.show();
    }

    fn cycle_speed(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<PlayerState>();
        let at = SPEEDS.iter().position(|speed| (speed - state.get_speed()).abs() < 0.1).unwrap_or_default();
        let speed = SPEEDS[(at + 1) % SPEEDS.len()];
        state.set_speed(speed);
        if let Some(playing) = self.playing.borrow().as_ref() {
            playing.player.change(move |sound| sound.0.set_speed(speed));
        }
    }

    /// Nothing plays any more.
    pub(crate) fn stop(&self) {
        self.turn.set(self.turn.get() + 1);
        self.ticking.stop();
        let was = self.playing.borrow_mut().take();
        // Its thread ends beside the screens.
        if let Some(Playing { player, .. }) = was {
            self.context.bridge.spawn(async move { drop(tokio::task::spawn_blocking(move || drop(player)).await) });
        }
        self.show();
    }

    /// The message that is heard.
    fn open(&self) {
        let origin = self.playing.borrow().as_ref().and_then(|playing| playing.origin.clone());
        if let Some(Origin { conversation, message, .. }) = origin {
            self.context.tell(|part| part.open_message(conversation, message));
        }
    }

    fn show(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<PlayerState>();
        let playing = self.playing.borrow();
        let Some(playing) = playing.as_ref() else {
            state.set_id("".into());
            state.set_playing(false);
            return state.set_bar(false);
        };
        let (at, length) = (playing.player.position(), playing.length.as_secs_f32().max(0.001));
        let elsewhere = |origin: &Origin| self.shown.get() != Some(origin.conversation);
        state.set_id(playing.id.as_str().into());
        state.set_playing(playing.player.is_playing());
        state.set_position((at.as_secs_f32() / length).clamp(0., 1.));
        state.set_elapsed(elapsed(at).into());
        state.set_bar(playing.origin.as_ref().is_some_and(elsewhere));
        state.set_title(playing.origin.as_ref().map(|origin| origin.title.clone()).unwrap_or_default().into());
    }
}

/// Ends what plays once nothing of it is in use any more.
fn go_later(me: &Weak<Player>) {
    let me = Weak::clone(me);
    go(async move {
        if let Some(this) = me.upgrade() {
            this.stop();
        }
    });
}

/// `0:07`, also at the very beginning.
fn elapsed(at: Duration) -> String {
    let seconds = at.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

type Opened = Result<tacit_sound::Player<Sound>, tacit_sound::Error>;

/// Opens file and loudspeaker.
async fn open(
    account: Account,
    id: String,
    draft: Option<Vec<u8>>,
    speed: f32,
    notices: mpsc::UnboundedSender<Notice>,
) -> Result<(Opened, Duration, Option<Origin>), Error> {
    let client = account.client;
    let (reader, origin) = match attachment_of(&id) {
        Some(attachment) => {
            let (file, origin) = origin(&client, attachment).await?;
            (Some(client.open_file(file).await?), Some(origin))
        }
        None => (None, None),
    };
    let opening = move || {
        let playback = match reader {
            Some(reader) => Playback::new(reader),
            None => Playback::new(Cursor::new(draft.unwrap_or_default())),
        };
        let mut playback = playback.map_err(FileError::Sound)?;
        playback.set_speed(speed);
        let length = playback.duration().unwrap_or_default();
        let player = tacit_sound::Player::open(Sound(playback), move |notice| {
            // Nobody listens any more when something else plays.
            let _ = notices.send(notice);
        });
        Ok::<_, FileError>((player, length))
    };
    let (player, length) = tokio::task::spawn_blocking(opening).await.map_err(|_| Error::Closed)??;
    Ok((player, length, origin))
}

async fn origin(client: &Client, id: AttachmentId) -> Result<(tacit_client::FileId, Origin), Error> {
    let file = client.attachment(id).await?;
    let message = client.message(file.message).await?;
    let contact = client.contact(&message.author).await?;
    let name = contact.as_ref().map_or("", |contact| contact.shown_name());
    let own = message.author == client.account_id();
    let title = if own { client.display_name() } else { person::shown_name(name, &message.author) };
    let unplayed = !message.outgoing() && !file.played;
    let origin = Origin { conversation: message.conversation, message: message.id, attachment: id, title, unplayed };
    Ok((file.file.ok_or(FileError::NotHere)?, origin))
}

/// The voice message after another one, if it is here and was not heard.
async fn next(client: Client, origin: Origin) -> Result<Option<AttachmentId>, Error> {
    let mut newer = None;
    for item in client.gallery(origin.conversation, MediaKind::Voice, None, LOOKED_AT).await? {
        let Some(file) = item.attachment.filter(|file| file.role == AttachmentRole::Voice) else { continue };
        if file.id == origin.attachment {
            break;
        }
        let fits = file.file.is_some() && !file.played && item.author != client.account_id();
        newer = Some((file.id, fits));
    }
    Ok(newer.filter(|(_, fits)| *fits).map(|(id, _)| id))
}

impl Part for Player {
    fn account_closing(&self) {
        self.stop();
        self.draft.borrow_mut().take();
        self.shown.set(None);
    }

    fn arrived(&self, at: Screen) {
        if at == Screen::Home {
            self.show();
        }
    }

    fn conversation_shown(&self, id: Option<ConversationId>) {
        self.shown.set(id);
        self.show();
    }

    fn recorded(&self, sound: Option<&[u8]>) {
        let drafts = self.playing.borrow().as_ref().is_some_and(|playing| playing.id == DRAFT);
        if drafts {
            self.stop();
        }
        *self.draft.borrow_mut() = sound.map(<[u8]>::to_vec);
    }
}

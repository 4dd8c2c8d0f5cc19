//! Recording a voice message: held, locked, paused, listened to, sent.

mod take;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::media::audio::{MAX_VOICE, Recording};
use tacit_client::{ConversationId, Voice as Spoken};
use tacit_ui::{App, RecorderPhase as Phase, RecorderState, Texts, ToastKind, Transfer, Voice};

use crate::account::Account;
use crate::context::{Context, go};
use crate::files::{bars, clock_length};
use crate::model::list;
use crate::part::Part;
use crate::player::DRAFT;
use take::Take;

/// How often level and time move.
const TICK: Duration = Duration::from_millis(50);
/// Anything shorter was a slip.
const SHORTEST: Duration = Duration::from_secs(1);
/// The end is counted down.
const COUNTDOWN: u64 = 10;

/// The recorder.
pub(crate) struct Recorder {
    me: Weak<Self>,
    context: Rc<Context>,
    take: RefCell<Option<Take>>,
    /// What was recorded and is listened to.
    result: RefCell<Option<Recording>>,
    /// For whom it is.
    conversation: Cell<Option<ConversationId>>,
    /// Counts recordings, so that a microphone that opens late is known.
    turn: Cell<u64>,
    ticking: Timer,
}

impl Recorder {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            take: RefCell::default(),
            result: RefCell::default(),
            conversation: Cell::default(),
            turn: Cell::default(),
            ticking: Timer::default(),
        });
        let state = window.global::<RecorderState>();
        on!(state, part, on_start, |this| this.start());
        on!(state, part, on_finish, |this| this.finish());
        on!(state, part, on_cancel, |this| this.cancel());
        on!(state, part, on_lock, |this| this.set_phase(Phase::Locked));
        on!(state, part, on_pause, |this| this.pause());
        on!(state, part, on_resume, |this| this.resume());
        on!(state, part, on_stop, |this| this.stop());
        on!(state, part, on_send, |this| this.send());
        part
    }

    fn phase(&self) -> Phase {
        self.context.window().map(|window| window.global::<RecorderState>().get_phase()).unwrap_or_default()
    }

    fn set_phase(&self, phase: Phase) {
        self.context.with(|window| window.global::<RecorderState>().set_phase(phase));
    }

    /// Opens the microphone; until it is open nothing is recorded.
    fn start(&self) {
        if self.conversation.get().is_none() || self.phase() != Phase::Idle {
            return;
        }
        self.turn.set(self.turn.get() + 1);
        let turn = self.turn.get();
        self.set_phase(Phase::Held);
        self.show();
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let opened = context.bridge.call(async move { Ok(Take::open().await) }).await;
            let Some(this) = me.upgrade() else { return };
            match opened {
                // It was let go of before the microphone was there.
                Ok(Ok(take)) if this.turn.get() != turn => context.bridge.spawn(take.discard()),
                Ok(Ok(take)) => this.record(take),
                Ok(Err(error)) => {
                    if this.turn.get() == turn {
                        this.cancel();
                    }
                    match error {
                        tacit_sound::Error::Busy(_) => context.toast(ToastKind::MicrophoneBusy),
                        error => context.say_of_sound(&error, |app| app.global::<Texts>().invoke_cannot_record()),
                    }
                }
                Err(_) => {}
            }
        });
    }

    fn record(&self, take: Take) {
        self.context.tell(|part| part.recording_began());
        *self.take.borrow_mut() = Some(take);
        let me = Weak::clone(&self.me);
        self.ticking.start(TimerMode::Repeated, TICK, move || {
            if let Some(this) = me.upgrade() {
                this.tick();
            }
        });
    }

    fn tick(&self) {
        self.show();
        let (full, failure) = {
            let take = self.take.borrow();
            let Some(take) = take.as_ref() else { return };
            (take.duration() >= MAX_VOICE, take.failure())
        };
        if let Some(error) = &failure {
            self.context.say_of_sound(error, |app| app.global::<Texts>().invoke_recording_ended());
        }
        if full || failure.is_some() {
            self.stop();
        }
    }

    fn show(&self) {
        let take = self.take.borrow();
        let (duration, levels) = take.as_ref().map(|take| (take.duration(), take.levels())).unwrap_or_default();
        let left = MAX_VOICE.saturating_sub(duration).as_secs();
        self.context.with(|window| {
            let state = window.global::<RecorderState>();
            let seconds = duration.as_secs();
            state.set_elapsed(slint::format!("{}:{:02}", seconds / 60, seconds % 60));
            state.set_levels(list(levels));
            state.set_seconds_left(if left < COUNTDOWN { i32::try_from(left).unwrap_or_default() } else { 0 });
        });
    }

    fn pause(&self) {
        if let Some(take) = self.take.borrow().as_ref() {
            take.pause();
            self.set_phase(Phase::Paused);
        }
    }

    fn resume(&self) {
        if let Some(take) = self.take.borrow().as_ref() {
            take.resume();
            self.set_phase(Phase::Locked);
        }
    }

    /// Let go of: it is sent, unless it was a slip.
    fn finish(&self) {
        let long = self.take.borrow().as_ref().is_some_and(|take| take.duration() >= SHORTEST);
        if long {
            return self.send();
        }
        let was_recording = self.phase() == Phase::Held;
        self.cancel();
        if was_recording {
            self.context.toast(ToastKind::HoldToRecord);
        }
    }

    fn cancel(&self) {
        self.end_take();
        self.forget();
        self.set_phase(Phase::Idle);
    }

    /// Ends what is being recorded, without using it.
    fn end_take(&self) {
        self.turn.set(self.turn.get() + 1);
        self.ticking.stop();
        if let Some(take) = self.take.borrow_mut().take() {
            self.context.bridge.spawn(take.discard());
        }
        self.show();
    }

    fn forget(&self) {
        self.result.borrow_mut().take();
        self.context.tell(|part| part.recorded(None));
    }

    /// Ends the recording, to listen to it.
    fn stop(&self) {
        self.ended(|this, recording| {
            let voice = Voice {
                id: DRAFT.into(),
                bars: bars(&recording.waveform),
                length: clock_length(u64::try_from(recording.duration.as_millis()).unwrap_or_default()).into(),
                transfer: Transfer::Ready,
                ..Voice::default()
            };
            this.context.with(|window| window.global::<RecorderState>().set_result(voice));
            this.context.tell(|part| part.recorded(Some(&recording.bytes)));
            *this.result.borrow_mut() = Some(recording);
            this.set_phase(Phase::Preview);
        });
    }

    fn send(&self) {
        let done = self.result.borrow_mut().take();
        match done {
            Some(recording) => {
                self.post(recording);
                self.cancel();
            }
            None => self.ended(|this, recording| {
                this.post(recording);
                this.set_phase(Phase::Idle);
            }),
        }
    }

    /// Ends the recording and does something with it.
    fn ended(&self, then: impl FnOnce(&Self, Recording) + 'static) {
        self.ticking.stop();
        let Some(take) = self.take.borrow_mut().take() else { return self.cancel() };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let finished = context.bridge.call(async move { Ok(take.finish().await) }).await;
            let Some(this) = me.upgrade() else { return };
            match finished {
                Ok(Ok(recording)) => then(&this, recording),
                Ok(Err(error)) => {
                    this.cancel();
                    context.say_of_sound(&error, |app| app.global::<Texts>().invoke_recording_lost());
                }
                Err(_) => this.cancel(),
            }
        });
    }

    fn post(&self, recording: Recording) {
        let Some(id) = self.conversation.get() else { return };
        self.context.tell(|part| part.voice_sent());
        self.context.run(None, move |account| async move {
            account.client.send_voice(id, Spoken::Recorded(recording)).await.map(drop)
        });
    }
}

impl Part for Recorder {
    fn account_opened(&self, _account: &Account) {
        self.context.with(|window| window.global::<tacit_ui::ComposeState>().set_can_record(true));
    }

    fn account_closing(&self) {
        self.cancel();
        self.conversation.set(None);
    }

    /// A recording is for one conversation only.
    fn conversation_shown(&self, id: Option<ConversationId>) {
        if self.conversation.replace(id) != id && self.phase() != Phase::Idle {
            self.cancel();
        }
    }
}

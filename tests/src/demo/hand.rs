//! Working a window by what it says to screen readers.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery, mock_elapsed_time};
use slint::{ComponentHandle as _, LogicalSize, Model as _};
use tacit_app::platform::Platform;
use tacit_app::{Start, Tacit};
use tacit_client::Client;
use tacit_ui::{App, ConversationState, HomeState, MessageKind};
use tacit_wire::profile::NetworkProfile;

/// Nothing that is awaited takes longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const GLANCE: Duration = Duration::from_millis(15);

/// Somebody in front of an app.
pub struct Hand {
    /// Their name, for what is printed.
    pub name: &'static str,
    tacit: Tacit,
}

/// Waits without holding up the event loop.
pub async fn pause(time: Duration) {
    let (done, wait) = tokio::sync::oneshot::channel();
    slint::Timer::single_shot(time, move || {
        // Nobody waits any more when the story ended.
        let _ = done.send(());
    });
    let _ = wait.await;
}

/// Runs a story in the event loop, and ends the loop with it.
pub fn tell(story: impl Future<Output = ()> + 'static) {
    slint::spawn_local(async move {
        story.await;
        slint::quit_event_loop().unwrap();
    })
    .unwrap();
    slint::run_event_loop_until_quit().unwrap();
}

impl Hand {
    /// Opens the app on an account's folder. `network` is the file of a network profile.
    pub fn open(name: &'static str, folder: PathBuf, network: &Path, platform: Rc<dyn Platform>) -> Self {
        let network = NetworkProfile::parse(&std::fs::read(network).unwrap()).unwrap();
        let tacit = Tacit::start(Start::new(folder, Some(network)), platform).unwrap();
        tacit.window().show().unwrap();
        let hand = Self { name, tacit };
        hand.resize(390., 844.);
        hand
    }

    /// The window.
    pub fn app(&self) -> &App {
        self.tacit.window()
    }

    /// The account behind the window, for what no screen shows.
    pub fn client(&self) -> Client {
        self.tacit.client().expect("an account is open")
    }

    /// Makes the window larger or smaller.
    pub fn resize(&self, width: f32, height: f32) {
        self.app().window().set_size(LogicalSize::new(width, height));
    }

    /// Closes the app orderly.
    pub fn close(self) {
        self.tacit.close();
    }

    /// Asks again and again until there is an answer; panics when patience ends, with what can be
    /// seen then.
    pub async fn until<T>(&self, what: &str, mut question: impl FnMut(&App) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            // Without a real window nobody else makes the rows that are new.
            mock_elapsed_time(Duration::ZERO);
            if let Some(answer) = question(self.app()) {
                return answer;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{} waited in vain for {what}. On the screen: {:#?}",
                self.name,
                self.labels()
            );
            pause(GLANCE).await;
        }
    }

    /// Everything on the screen that has a name.
    pub fn labels(&self) -> Vec<String> {
        let all = ElementQuery::from_root(self.app()).match_descendants().match_predicate(|_| true).find_all();
        let mut labels: Vec<_> = all.iter().filter_map(label).filter(|label| !label.is_empty()).collect();
        labels.dedup();
        labels
    }

    /// The first control of one of these roles whose name fits.
    fn find(&self, roles: &'static [AccessibleRole], fits: impl Fn(&str) -> bool + 'static) -> Option<ElementHandle> {
        ElementQuery::from_root(self.app())
            .match_descendants()
            .match_predicate(move |element| {
                element.accessible_role().is_some_and(|role| roles.is_empty() || roles.contains(&role))
                    && label(element).is_some_and(|label| fits(&label))
            })
            .find_first()
    }

    /// Taps what is called exactly so, once it is there and enabled.
    pub async fn tap(&self, name: &str) {
        self.tap_where(name, exactly(name)).await;
    }

    /// Taps what is called something that begins so.
    pub async fn tap_beginning(&self, name: &str) {
        let beginning = name.to_owned();
        self.tap_where(name, move |label: &str| label.starts_with(&beginning)).await;
    }

    /// Opens the menu of a row whose name begins so, by a right click.
    pub async fn menu(&self, name: &str) {
        use slint::platform::{PointerEventButton, WindowEvent};
        let beginning = name.to_owned();
        let find = |_: &App| {
            let beginning = beginning.clone();
            self.find(&[AccessibleRole::ListItem], move |label| label.starts_with(&beginning))
        };
        let row = self.until(&format!("the row “{name}”"), find).await;
        let (at, size) = (row.absolute_position(), row.size());
        let position = slint::LogicalPosition::new(at.x + size.width / 2., at.y + size.height / 2.);
        let (window, button) = (self.app().window(), PointerEventButton::Right);
        window.dispatch_event(WindowEvent::PointerMoved { position });
        window.dispatch_event(WindowEvent::PointerPressed { position, button });
        window.dispatch_event(WindowEvent::PointerReleased { position, button });
        mock_elapsed_time(Duration::ZERO);
    }

    async fn tap_where(&self, name: &str, fits: impl Fn(&str) -> bool + Clone + 'static) {
        const CONTROLS: &[AccessibleRole] = &[AccessibleRole::Button, AccessibleRole::ListItem, AccessibleRole::Tab];
        let find = |_: &App| self.find(CONTROLS, fits.clone()).filter(|it| it.accessible_enabled() != Some(false));
        self.until(&format!("“{name}” to tap"), find).await.invoke_accessible_default_action();
        mock_elapsed_time(Duration::ZERO);
    }

    /// Taps the last of those that are called so: a dialog's button lies over the screen's.
    pub async fn tap_last(&self, name: &str) {
        let wanted = exactly(name);
        let find = |_: &App| {
            let fits = wanted.clone();
            let buttons = ElementQuery::from_root(self.app())
                .match_descendants()
                .match_accessible_role(AccessibleRole::Button)
                .match_predicate(move |element| label(element).is_some_and(|label| fits(&label)))
                .find_all();
            buttons.into_iter().next_back()
        };
        self.until(&format!("“{name}” to tap"), find).await.invoke_accessible_default_action();
        mock_elapsed_time(Duration::ZERO);
    }

    /// Whether something is called so, exactly.
    pub fn sees(&self, name: &str) -> bool {
        self.find(&[], exactly(name)).is_some()
    }

    /// Whether the name of something begins so.
    pub fn sees_beginning(&self, beginning: &str) -> bool {
        let beginning = beginning.to_owned();
        self.find(&[], move |label| label.starts_with(&beginning)).is_some()
    }

    /// Whether the name of something holds this.
    pub fn sees_part(&self, part: &str) -> bool {
        let part = part.to_owned();
        self.find(&[], move |label| label.contains(&part)).is_some()
    }

    /// Waits until something is called so, exactly.
    pub async fn expect(&self, name: &str) {
        self.until(&format!("“{name}”"), |_| self.sees(name).then_some(())).await;
    }

    /// Waits until the name of something holds this, and returns the name.
    pub async fn expect_part(&self, part: &str) -> String {
        let find = |_: &App| {
            let part = part.to_owned();
            self.find(&[], move |label| label.contains(&part)).and_then(|element| label(&element))
        };
        self.until(&format!("something with “{part}”"), find).await
    }

    /// Waits until nothing is called so.
    pub async fn expect_no(&self, name: &str) {
        self.until(&format!("“{name}” to go"), |_| (!self.sees(name)).then_some(())).await;
    }

    /// Whether a button can be used.
    pub async fn is_enabled(&self, name: &str) -> bool {
        let find = |_: &App| self.find(&[AccessibleRole::Button], exactly(name));
        self.until(name, find).await.accessible_enabled() != Some(false)
    }

    fn field(&self, name: &str) -> Option<ElementHandle> {
        self.find(&[AccessibleRole::TextInput], exactly(name))
    }

    /// Waits for a field.
    pub async fn expect_field(&self, name: &str) {
        self.until(&format!("the field “{name}”"), |_| self.field(name).map(drop)).await;
    }

    /// Fills a field as if the text had been typed or pasted there.
    pub async fn write(&self, field: &str, text: &str) {
        let field = self.until(&format!("the field “{field}”"), |_| self.field(field)).await;
        field.set_accessible_value(text);
        mock_elapsed_time(Duration::ZERO);
    }

    /// What a field holds.
    pub fn value(&self, field: &str) -> String {
        self.field(field).and_then(|field| field.accessible_value()).map(Into::into).unwrap_or_default()
    }

    /// Turns the mouse wheel over the middle of the window; positive is up.
    pub fn scroll(&self, pixels: f32) {
        let window = self.app().window();
        let size = window.size().to_logical(window.scale_factor());
        let position = slint::LogicalPosition::new(size.width / 2., size.height / 2.);
        let event = slint::platform::WindowEvent::PointerScrolled { position, delta_x: 0., delta_y: pixels };
        window.dispatch_event(event);
    }

    /// The texts of all bubbles of the open conversation, oldest first.
    pub fn bubbles(&self) -> Vec<String> {
        let rows = self.app().global::<ConversationState>().get_messages();
        rows.iter().filter(|row| row.kind == MessageKind::Text).map(|row| row.text.into()).collect()
    }

    /// Unread messages in all chats and requests, as the lists count them.
    pub fn unread(&self) -> i32 {
        let home = self.app().global::<HomeState>();
        home.get_chats().iter().chain(home.get_requests().iter()).map(|chat| chat.unread).sum()
    }

    /// Makes an account, from the first screen to the list of chats.
    pub async fn create_account(&self) {
        self.tap("Create account").await;
        self.write("Your name", self.name).await;
        self.tap("Continue").await;
        self.expect("Chats").await;
    }

    /// Their own account ID, as the settings show it; back on the list of chats afterwards.
    pub async fn own_id(&self) -> String {
        self.tap_beginning("Profile and settings").await;
        let shown = self.expect_part("Account ID 05").await;
        self.tap("Back").await;
        self.expect("Chats").await;
        shown.trim_start_matches("Account ID ").to_owned()
    }

    /// Opens the sheet for a message to an account ID.
    pub async fn new_message(&self) {
        self.tap("New conversation").await;
        self.tap_beginning("New message, ").await;
        self.expect_field("Account ID").await;
    }

    /// Opens a conversation by account ID.
    pub async fn begin_conversation(&self, id: &str) {
        self.new_message().await;
        self.write("Account ID", id).await;
        self.tap("Next").await;
        self.expect_field("Message").await;
    }

    /// Sends a text and waits until the screen says what became of it: the end of its name.
    pub async fn send(&self, text: &str, fate: &str) -> String {
        self.write("Message", text).await;
        self.tap("Send").await;
        self.expect_own(text, fate).await
    }

    /// Waits until the bubble of an own text says what became of it.
    pub async fn expect_own(&self, text: &str, fate: &str) -> String {
        let beginning = format!("You: {text}, ");
        let find = |_: &App| {
            let (begins, part) = (beginning.clone(), fate.to_owned());
            let fits = move |label: &str| label.starts_with(&begins) && label.contains(&part);
            self.find(&[AccessibleRole::ListItem], fits).and_then(|row| label(&row))
        };
        let found = self.until(&format!("“{text}” to be “{fate}”"), find).await;
        found[beginning.len()..].to_owned()
    }
}

fn exactly(name: &str) -> impl Fn(&str) -> bool + Clone + use<> {
    let name = name.to_owned();
    move |label| label == name
}

fn label(element: &ElementHandle) -> Option<String> {
    element.accessible_label().map(Into::into)
}

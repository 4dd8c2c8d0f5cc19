//! The lists of chats: home, archive, requests, search, and the sheet of a new conversation.

use slint::ComponentHandle;
use tacit_ui::{
    App, ChatItem, ChatsState, Contact, ContactLetter, DialogKind, HomeState, ListPhase, NetworkPhase, NetworkProblem,
    NewConversationState, Person, Screen, SearchDate, SearchHas, SearchHit, SearchState, SheetKind, ShellState,
    ToastKind,
};

use super::{
    Pose,
    account::{home, settings},
    chats, kinds, list, press, right_click, show, swipe,
};

fn select(app: &App) {
    home(app);
    let checked = |chat: ChatItem| ChatItem { checked: matches!(chat.id.as_str(), "c1" | "c3"), ..chat };
    let state = app.global::<HomeState>();
    state.set_chats(list(chats().into_iter().map(checked).collect()));
    state.set_selecting(true);
    state.set_selected(2);
}

fn hit(id: &str, name: &str, initials: &str, tone: i32, line: [&str; 3], date: &str) -> SearchHit {
    let [before, hit, after] = line.map(Into::into);
    let (id, name, initials, date) = (id.into(), name.into(), initials.into(), date.into());
    SearchHit { id, name, initials, tone, before, hit, after, date, ..Default::default() }
}

fn search(app: &App, words: &str) {
    home(app);
    app.global::<HomeState>().set_search(words.into());
    let state = app.global::<SearchState>();
    state.set_people(list(chats().into_iter().filter(|chat| chat.id == "c1").collect()));
    state.set_people_more(true);
    state.set_messages(list(vec![
        hit("m1", "Ines Okafor", "IO", 0, ["Bring a thermos, it is cold on the ", "bridge", ""], "09:41"),
        SearchHit {
            out: true,
            ..hit("m2", "Jonas", "J", 1, ["…over the ", "bridge", " and then left at the mill"], "Sun")
        },
        SearchHit {
            rtl: true,
            ..hit("m3", "ليلى حدّاد", "لح", 6, ["صباح الخير! هل وصلتِ إلى ", "الجسر", "؟"], "12 Nov")
        },
        SearchHit { is_self: true, ..hit("m4", "", "", 4, ["", "Bridge", " toll is paid until March"], "3 Nov 2025") },
    ]));
}

fn nothing(app: &App) {
    search(app, "zeppelin");
    let state = app.global::<SearchState>();
    state.set_people(list(vec![]));
    state.set_messages(list(vec![]));
}

fn new_conversation(app: &App, search: &str) {
    home(app);
    let names =
        "Amara Diallo,Anton Weiß,Basti,Carla,Dörte,Ines Okafor,Jonas,Jürgen,Lea,Milan,Noor,Pavel,Rosa,Tomás,Zoë";
    let mut letter = String::new();
    let mut letters = vec![];
    let contacts =
        (0..).zip(names.split(',')).filter(|(_, name)| name.to_lowercase().contains(search)).map(|(i, name)| {
            let first = name[..1].to_owned();
            let shown = if first == letter { "" } else { first.as_str() }.into();
            if first != letter {
                letters.push(ContactLetter { letter: first.as_str().into(), index: i });
            }
            let initials = first.as_str().into();
            letter = first;
            Contact { id: name.into(), name: name.into(), initials, tone: i % 10, letter: shown, ..Default::default() }
        });
    let state = app.global::<NewConversationState>();
    state.set_contacts(list(contacts.collect()));
    state.set_letters(list(letters));
    state.set_search(search.into());
    app.global::<ShellState>().set_sheet(SheetKind::NewConversation);
}

fn archive(app: &App) {
    settings(app, Screen::Archive);
    let archived = chats().into_iter().skip(6).map(|chat| ChatItem { archived: true, ..chat });
    app.global::<HomeState>().set_archived(list(archived.collect()));
    app.global::<ChatsState>().set_archive_stays(true);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    let mut poses = states();
    poses.extend([
        p("home", "menu", home).then(|app| right_click(app, "Jonas")),
        p("home", "swiped-to-the-end", home).then(|app| swipe(app, "Jonas", 160.)),
        p("home", "swiped-to-the-start", home).then(|app| swipe(app, "Jonas", -220.)),
        p("home", "selecting", select).main(),
        p("home", "mute", select).then(|app| press(app, "Mute")),
        p("home", "delete-dialog", |app| {
            home(app);
            app.global::<ShellState>().set_dialog_subject("Jonas".into());
            app.global::<ShellState>().set_dialog(DialogKind::DeleteConversation);
        }),
        p("archive", "full", archive),
        p("archive", "empty", |app| settings(app, Screen::Archive)),
        p("requests", "full", |app| settings(app, Screen::Requests)).main(),
        p("requests", "empty", |app| {
            settings(app, Screen::Requests);
            app.global::<HomeState>().set_requests(list(vec![]));
        }),
        p("requests", "menu", |app| settings(app, Screen::Requests)).then(|app| right_click(app, "Pavel")),
        p("requests", "delete-all", |app| {
            settings(app, Screen::Requests);
            app.global::<ShellState>().set_dialog(DialogKind::DeleteRequests);
        }),
        p("search", "found", |app| search(app, "bridge")).main(),
        p("search", "recent", |app| {
            home(app);
            app.global::<SearchState>().set_recent(super::words("bridge thermos invoice"));
            app.invoke_open_search(true);
        }),
        p("search", "indexing", |app| {
            search(app, "bridge");
            app.global::<SearchState>().set_indexed(0.62);
        }),
        p("search", "nothing-found", nothing),
        p("search", "account-id", |app| {
            nothing(app);
            app.global::<HomeState>().set_search(super::PEER_ID.into());
            app.global::<SearchState>().set_account_id(super::PEER_ID.into());
        }),
        p("search", "filtered", |app| {
            search(app, "bridge");
            let state = app.global::<SearchState>();
            state.set_from_name("Ines Okafor".into());
            state.set_date(SearchDate::Month);
            state.set_has(SearchHas::Picture);
        }),
        p("search", "filter", |app| {
            search(app, "bridge");
            let person = |chat: ChatItem| Person { id: chat.id, name: chat.name, ..Default::default() };
            let people = chats().into_iter().filter(|chat| !chat.is_self).take(5).map(person);
            app.global::<SearchState>().set_choices(list(people.collect()));
        })
        .then(|app| press(app, "From")),
        p("new-conversation", "full", |app| new_conversation(app, "")).main(),
        p("new-conversation", "searching", |app| new_conversation(app, "an")),
        p("new-conversation", "none", |app| new_conversation(app, "zeppelin")),
    ]);
    poses
}

/// Home as a whole.
fn states() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("home", "full", |app| {
            home(app);
            app.global::<HomeState>().set_archived(list(chats()));
        })
        .main(),
        p("home", "kinds", |app| {
            home(app);
            app.global::<HomeState>().set_chats(list(kinds()));
        }),
        p("home", "empty", |app| {
            show(app, Screen::Home);
            let state = app.global::<HomeState>();
            state.set_chats(list(vec![]));
            state.set_requests(list(vec![]));
            state.set_phrase_banner(true);
            state.set_phrase_unsaved(true);
        })
        .main(),
        p("home", "loading", |app| {
            show(app, Screen::Home);
            let state = app.global::<HomeState>();
            state.set_phase(ListPhase::Loading);
            state.set_requests(list(vec![]));
            app.global::<ShellState>().set_network(NetworkPhase::Connecting);
        }),
        p("home", "offline", |app| {
            home(app);
            app.global::<ShellState>().set_network(NetworkPhase::Offline);
            app.global::<ShellState>().set_problem(NetworkProblem::NoConnection);
        }),
        p("home", "wrong-clock", |app| {
            home(app);
            app.global::<ShellState>().set_clock_off_minutes(12);
        }),
        p("home", "network-forged", |app| {
            home(app);
            app.global::<ShellState>().set_network_forged(true);
        }),
        p("home", "storage-full", |app| {
            home(app);
            app.global::<ShellState>().set_storage_full(true);
        }),
        p("home", "backup-overdue", |app| {
            home(app);
            app.global::<ShellState>().set_backup_overdue(4);
        }),
        p("home", "notifications-off", |app| {
            home(app);
            app.global::<ShellState>().set_notifications_off(true);
        }),
        p("home", "phrase-banner", |app| {
            home(app);
            app.global::<HomeState>().set_phrase_banner(true);
            app.global::<HomeState>().set_phrase_unsaved(true);
        }),
        p("home", "catching-up", |app| {
            home(app);
            app.global::<HomeState>().set_catching_up(true);
            app.global::<HomeState>().set_catching_up_progress(0.35);
            app.global::<ShellState>().set_network(NetworkPhase::Connecting);
        }),
        p("home", "failed", |app| {
            home(app);
            app.global::<HomeState>().set_phase(ListPhase::Failed);
        }),
        p("home", "toast", |app| {
            home(app);
            app.global::<ShellState>().set_toast(ToastKind::Archived);
        }),
    ]
}

//! The stack of screens: the one place that says where the app is.

use std::cell::RefCell;

use slint::ComponentHandle as _;
use tacit_ui::{Screen, SheetKind, ShellState};

use crate::context::Context;

/// Screens from the root to the one on top; never empty.
#[derive(Debug, PartialEq)]
struct Stack(Vec<Screen>);

/// Where the app is.
pub(crate) struct Router(RefCell<Stack>);

impl Default for Router {
    fn default() -> Self {
        Self(RefCell::new(Stack(vec![Screen::Starting])))
    }
}

/// Screens below which there is nothing to go back to.
fn is_root(screen: Screen) -> bool {
    use Screen::{Fault, Home, Lock, Migrating, Restoring, SafeStart, Starting, Welcome};
    matches!(screen, Starting | Welcome | Home | Lock | Restoring | SafeStart | Migrating | Fault)
}

/// Screens that fill the window before there is an account.
pub(crate) fn is_before_the_account(screen: Screen) -> bool {
    use Screen::{CreateAccount, Restore, RestoreBackup};
    is_root(screen) && screen != Screen::Home || matches!(screen, CreateAccount | Restore | RestoreBackup)
}

impl Stack {
    fn top(&self) -> Screen {
        self.0.last().copied().unwrap_or(Screen::Starting)
    }

    /// Goes to a screen: roots replace everything, a conversation replaces the one that was open.
    fn go(&mut self, to: Screen) {
        if is_root(to) {
            self.0.clear();
        }
        if to == Screen::Conversation {
            self.0.retain(|screen| matches!(screen, Screen::Home | Screen::Archive | Screen::Requests));
        }
        self.0.retain(|screen| *screen != to);
        self.0.push(to);
    }

    fn forget(&mut self, screen: Screen) {
        let top = self.top();
        self.0.retain(|kept| *kept != screen || *kept == top);
    }

    fn back(&mut self) {
        if self.0.len() > 1 {
            self.0.pop();
        }
    }
}

impl Context {
    /// The screen on top.
    pub(crate) fn at(&self) -> Screen {
        self.router.0.borrow().top()
    }

    /// Goes to a screen; sheets close.
    pub(crate) fn go(&self, to: Screen) {
        self.walk(|stack| stack.go(to));
    }

    /// Goes back one screen.
    pub(crate) fn back(&self) {
        self.walk(Stack::back);
    }

    /// A screen below is not gone back to any more.
    pub(crate) fn forget(&self, screen: Screen) {
        self.router.0.borrow_mut().forget(screen);
    }

    fn walk(&self, step: impl FnOnce(&mut Stack)) {
        let (before, after) = {
            let mut stack = self.router.0.borrow_mut();
            let before = stack.top();
            step(&mut stack);
            (before, stack.top())
        };
        self.close_sheet();
        self.with(|window| window.global::<ShellState>().set_screen(after));
        if before != after {
            self.tell(|part| part.left(before));
        }
        self.tell(|part| part.arrived(after));
    }

    /// Opens a sheet over the screen.
    pub(crate) fn open_sheet(&self, sheet: SheetKind) {
        self.with(|window| window.global::<ShellState>().set_sheet(sheet));
    }

    /// Closes the sheet, if one is open.
    pub(crate) fn close_sheet(&self) {
        let open = self.window().map(|window| window.global::<ShellState>().get_sheet());
        if open.is_some_and(|sheet| sheet != SheetKind::None) {
            self.open_sheet(SheetKind::None);
            self.tell(|part| part.sheet_closed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(steps: &[Screen]) -> Stack {
        let mut stack = Stack(vec![Screen::Starting]);
        steps.iter().for_each(|step| stack.go(*step));
        stack
    }

    #[test]
    fn back_leads_the_way_one_came() {
        let mut stack = walk(&[Screen::Home, Screen::Settings, Screen::Appearance]);
        stack.back();
        assert_eq!(stack.top(), Screen::Settings);
        stack.back();
        stack.back();
        assert_eq!(stack.top(), Screen::Home, "a root stays");
    }

    #[test]
    fn a_root_forgets_what_was_before() {
        assert_eq!(walk(&[Screen::Welcome, Screen::CreateAccount, Screen::Home]).0, [Screen::Home]);
    }

    #[test]
    fn another_conversation_takes_the_place_of_the_first() {
        let stack = walk(&[Screen::Home, Screen::Conversation, Screen::MessageInfo, Screen::Conversation]);
        assert_eq!(stack.0, [Screen::Home, Screen::Conversation]);
        let stack = walk(&[Screen::Home, Screen::Settings, Screen::Conversation]);
        assert_eq!(stack.0, [Screen::Home, Screen::Conversation]);
        let stack = walk(&[Screen::Home, Screen::Requests, Screen::Conversation]);
        assert_eq!(stack.0, [Screen::Home, Screen::Requests, Screen::Conversation]);
    }

    #[test]
    fn a_forgotten_screen_is_passed_over_on_the_way_back() {
        let mut stack = walk(&[Screen::Home, Screen::Requests, Screen::Conversation]);
        stack.forget(Screen::Requests);
        stack.forget(Screen::Conversation);
        assert_eq!(stack.0, [Screen::Home, Screen::Conversation], "the top stays");
    }

    #[test]
    fn a_screen_stands_on_the_stack_once() {
        let stack = walk(&[Screen::Home, Screen::Conversation, Screen::Path, Screen::Settings, Screen::Path]);
        assert_eq!(stack.0, [Screen::Home, Screen::Conversation, Screen::Settings, Screen::Path]);
    }
}

//! appearance: theme, colour, bubbles, text size, motion; kept in the account.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_ui::{App, AppearanceState, Scheme, Theme};

use crate::account::Account;
use crate::context::{Context, go};
use crate::part::Part;

const SCHEME: &str = "app.scheme";
const ACCENT: &str = "app.accent";
const COMPACT: &str = "app.compact_bubbles";
const TEXT_SCALE: &str = "app.text_scale";
const REDUCE_MOTION: &str = "app.reduce_motion";
const KEPT: [&str; 5] = [SCHEME, ACCENT, COMPACT, TEXT_SCALE, REDUCE_MOTION];

fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::System => "system",
        Scheme::Light => "light",
        Scheme::Dark => "dark",
        Scheme::Black => "black",
    }
}

fn scheme_of(name: &str) -> Option<Scheme> {
    [Scheme::System, Scheme::Light, Scheme::Dark, Scheme::Black].into_iter().find(|scheme| scheme_name(*scheme) == name)
}

fn text_scale_of(text: &str) -> Option<f32> {
    text.parse().ok().filter(|scale| (0.85..=2.0).contains(scale))
}

/// One of six.
fn accent_of(text: &str) -> Option<i32> {
    text.parse().ok().filter(|accent| (0..=5).contains(accent))
}

/// The screen.
pub(crate) struct Appearance {
    context: Rc<Context>,
}

impl Appearance {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<AppearanceState>();
        on!(state, part, on_choose_scheme, |this, scheme| this.change(|theme| theme.set_scheme(scheme)));
        on!(state, part, on_choose_accent, |this, accent| this.change(|theme| theme.set_accent(accent.clamp(0, 5))));
        on!(state, part, on_choose_compact_bubbles, |this, on| this.change(|theme| theme.set_compact_bubbles(on)));
        on!(state, part, on_choose_text_scale, |this, scale| this.change(|theme| theme.set_text_scale(scale)));
        on!(state, part, on_choose_reduce_motion, |this, reduce| this.change(|theme| theme.set_reduce_motion(reduce)));
        part
    }

    fn change(&self, change: impl FnOnce(&Theme<'_>)) {
        self.context.with(|window| change(&window.global::<Theme>()));
        self.keep();
    }

    /// Keeps what is shown; before there is an account, the window alone holds it.
    fn keep(&self) {
        self.context.with(|window| {
            let theme = window.global::<Theme>();
            self.context.keep_setting(SCHEME, scheme_name(theme.get_scheme()).to_owned());
            self.context.keep_setting(ACCENT, theme.get_accent().to_string());
            self.context.keep_setting(COMPACT, theme.get_compact_bubbles().to_string());
            self.context.keep_setting(TEXT_SCALE, theme.get_text_scale().to_string());
            self.context.keep_setting(REDUCE_MOTION, theme.get_reduce_motion().to_string());
        });
    }
}

impl Part for Appearance {
    fn account_opened(&self, _account: &Account) {
        let this = Self { context: Rc::clone(&self.context) };
        go(async move {
            let kept = this.context.call(|Account { client, .. }| async move {
                let mut kept = Vec::with_capacity(KEPT.len());
                for key in KEPT {
                    kept.push(client.setting(key).await?);
                }
                Ok::<_, Error>(kept)
            });
            let Ok(kept) = kept.await else { return };
            let [scheme, accent, compact, scale, motion] = [0, 1, 2, 3, 4].map(|at: usize| kept[at].as_deref());
            if scheme.is_none() {
                // A new account takes over what was chosen before it.
                return this.keep();
            }
            this.context.with(|window| {
                let theme = window.global::<Theme>();
                theme.set_scheme(scheme.and_then(scheme_of).unwrap_or(Scheme::System));
                theme.set_accent(accent.and_then(accent_of).unwrap_or_default());
                theme.set_compact_bubbles(compact == Some("true"));
                theme.set_text_scale(scale.and_then(text_scale_of).unwrap_or(1.));
                theme.set_reduce_motion(motion == Some("true"));
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_and_nothing_else() {
        for scheme in [Scheme::System, Scheme::Light, Scheme::Dark, Scheme::Black] {
            assert_eq!(scheme_of(scheme_name(scheme)), Some(scheme));
        }
        assert_eq!(scheme_of("pink"), None);
        assert_eq!([accent_of("5"), accent_of("6"), accent_of("-1"), accent_of("")], [Some(5), None, None, None]);
        assert_eq!(text_scale_of(&1.15_f32.to_string()), Some(1.15));
        for text in ["", "NaN", "0", "9", "-1", "inf"] {
            assert_eq!(text_scale_of(text), None, "{text}");
        }
    }
}

//! appearance: theme, text size, motion; kept in the account.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_client::Error;
use tacit_ui::{App, AppearanceState, Scheme, Theme};

use crate::account::Account;
use crate::context::{Context, go};
use crate::part::Part;

const SCHEME: &str = "app.scheme";
const TEXT_SCALE: &str = "app.text_scale";
const REDUCE_MOTION: &str = "app.reduce_motion";

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

/// The screen.
pub(crate) struct Appearance {
    context: Rc<Context>,
}

impl Appearance {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new(Self { context: Rc::clone(context) });
        let state = window.global::<AppearanceState>();
        on!(state, part, on_choose_scheme, |this, scheme| this.change(|theme| theme.set_scheme(scheme)));
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
                let (scheme, scale) = (client.setting(SCHEME).await?, client.setting(TEXT_SCALE).await?);
                Ok::<_, Error>((scheme, scale, client.setting(REDUCE_MOTION).await?))
            });
            let Ok((scheme, scale, motion)) = kept.await else { return };
            if scheme.is_none() {
                // A new account takes over what was chosen before it.
                return this.keep();
            }
            this.context.with(|window| {
                let theme = window.global::<Theme>();
                theme.set_scheme(scheme.as_deref().and_then(scheme_of).unwrap_or(Scheme::System));
                theme.set_text_scale(scale.as_deref().and_then(text_scale_of).unwrap_or(1.));
                theme.set_reduce_motion(motion.as_deref() == Some("true"));
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
        assert_eq!(text_scale_of(&1.15_f32.to_string()), Some(1.15));
        for text in ["", "NaN", "0", "9", "-1", "inf"] {
            assert_eq!(text_scale_of(text), None, "{text}");
        }
    }
}

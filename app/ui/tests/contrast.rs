//! Every colour of a text against every ground it stands on: at least 4.5 to 1 (WCAG AA), in every scheme and accent.
#![allow(clippy::unwrap_used)]

use i_slint_backend_testing::{TestingBackend, TestingBackendOptions};
use slint::{Color, ComponentHandle, Model};
use tacit_ui::{App, Colors, Palettes, Scheme, Theme};

fn app() -> App {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        ..Default::default()
    })))
    .unwrap();
    App::new().unwrap()
}

fn luminance(color: Color) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(color.red()) + 0.7152 * channel(color.green()) + 0.0722 * channel(color.blue())
}

fn ratio(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What stands on what, as the components use it.
#[rustfmt::skip]
fn pairs(c: &Colors) -> Vec<(&'static str, Color, Color)> {
    vec![
        ("text on background", c.text, c.background),
        ("text on grouped", c.text, c.grouped),
        ("text on card", c.text, c.card),
        ("text on surface", c.text, c.surface),
        ("text on surface-raised", c.text, c.surface_raised),
        ("text on field", c.text, c.field),
        ("text on thumb", c.text, c.thumb),
        ("text on accent-soft", c.text, c.accent_soft),
        ("text on warning-soft", c.text, c.warning_soft),
        ("text on danger-soft", c.text, c.danger_soft),
        ("text on success-soft", c.text, c.success_soft),
        ("secondary on background", c.text_secondary, c.background),
        ("secondary on grouped", c.text_secondary, c.grouped),
        ("secondary on card", c.text_secondary, c.card),
        ("secondary on surface", c.text_secondary, c.surface),
        ("secondary on surface-raised", c.text_secondary, c.surface_raised),
        ("secondary on field", c.text_secondary, c.field),
        ("secondary on accent-soft", c.text_secondary, c.accent_soft),
        ("secondary on warning-soft", c.text_secondary, c.warning_soft),
        ("secondary on surface-sunken", c.text_secondary, c.surface_sunken),
        ("tertiary on background", c.text_tertiary, c.background),
        ("tertiary on grouped", c.text_tertiary, c.grouped),
        ("tertiary on card", c.text_tertiary, c.card),
        ("tertiary on surface", c.text_tertiary, c.surface),
        ("tertiary on field", c.text_tertiary, c.field),
        ("tertiary on accent-soft", c.text_tertiary, c.accent_soft),
        ("background on tertiary", c.background, c.text_tertiary),
        ("on-accent on accent", c.on_accent, c.accent),
        ("accent-text on background", c.accent_text, c.background),
        ("accent-text on grouped", c.accent_text, c.grouped),
        ("accent-text on card", c.accent_text, c.card),
        ("accent-text on surface", c.accent_text, c.surface),
        ("accent-text on accent-soft", c.accent_text, c.accent_soft),
        ("accent-text on warning-soft", c.accent_text, c.warning_soft),
        ("received text", c.bubble_in_text, c.bubble_in),
        ("received meta", c.bubble_in_meta, c.bubble_in),
        ("sent text", c.bubble_out_text, c.bubble_out),
        ("sent meta", c.bubble_out_meta, c.bubble_out),
        ("sent, below the quorum", c.bubble_out_warning, c.bubble_out),
        ("received text on an inset", c.bubble_in_text, c.inset_in),
        ("received meta on an inset", c.bubble_in_meta, c.inset_in),
        ("accent-text on an inset", c.accent_text, c.inset_in),
        ("accent-text in received", c.accent_text, c.bubble_in),
        ("sent text on an inset", c.bubble_out_text, c.inset_out),
        ("sent meta on an inset", c.bubble_out_meta, c.inset_out),
        ("a button in a sent bubble", c.bubble_out, c.bubble_out_text),
        ("warning in received", c.warning, c.bubble_in),
        ("on-danger on danger", c.on_danger, c.danger),
        ("danger on background", c.danger_text, c.background),
        ("danger on card", c.danger_text, c.card),
        ("danger on surface", c.danger_text, c.surface),
        ("danger on surface-raised", c.danger_text, c.surface_raised),
        ("danger on danger-soft", c.danger_text, c.danger_soft),
        ("success on background", c.success, c.background),
        ("success on card", c.success, c.card),
        ("success on success-soft", c.success, c.success_soft),
        ("warning on background", c.warning, c.background),
        ("warning on card", c.warning, c.card),
        ("warning on warning-soft", c.warning, c.warning_soft),
        ("focus ring on background", c.focus_ring, c.background),
        ("focus ring on card", c.focus_ring, c.card),
    ]
}

#[test]
fn texts_can_be_read_in_every_scheme_and_accent() {
    let app = app();
    let theme = app.global::<Theme>();
    let palettes = app.global::<Palettes>();
    assert_eq!((palettes.get_light_accents().row_count(), palettes.get_dark_accents().row_count()), (6, 6));
    let mut faint = vec![];
    for scheme in [Scheme::Light, Scheme::Dark, Scheme::Black] {
        theme.set_scheme(scheme);
        for accent in 0..6 {
            theme.set_accent(accent);
            for (what, text, ground) in pairs(&theme.get_c()) {
                let ratio = ratio(text, ground);
                if ratio < 4.5 {
                    faint.push(format!("{scheme:?}, accent {accent}: {what} {ratio:.2}"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

#[test]
fn initials_can_be_read_on_every_tone() {
    let app = app();
    let palettes = app.global::<Palettes>();
    assert_eq!(palettes.get_tones().row_count(), 10);
    for tone in palettes.get_tones().iter() {
        assert!(ratio(palettes.get_on_tone(), tone) >= 4.5, "{tone:?}");
    }
}

#[test]
fn tones_as_text_can_be_read_on_received_bubbles() {
    let app = app();
    let theme = app.global::<Theme>();
    for scheme in [Scheme::Light, Scheme::Dark, Scheme::Black] {
        theme.set_scheme(scheme);
        let c = theme.get_c();
        for index in 0..10 {
            let tone = theme.invoke_tone_text(index);
            for ground in [c.bubble_in, c.background] {
                assert!(ratio(tone, ground) >= 4.5, "{scheme:?} tone {index}: {:.2}", ratio(tone, ground));
            }
        }
    }
}

#[test]
fn one_assignment_changes_the_scheme() {
    let app = app();
    let theme = app.global::<Theme>();
    theme.set_scheme(Scheme::System);
    theme.set_system_dark(false);
    let light = theme.get_c().background;
    theme.set_system_dark(true);
    assert_ne!(theme.get_c().background, light);
    theme.set_scheme(Scheme::Light);
    assert_eq!(theme.get_c().background, light);
}

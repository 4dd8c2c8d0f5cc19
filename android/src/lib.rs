//! What Android loads: the name that its activity calls, and nothing else. Empty on other systems.
#![cfg(target_os = "android")]

/// Called by the activity on a thread of its own; called again when the activity is created anew.
#[allow(unsafe_code)] // Android finds the function by its name.
#[unsafe(no_mangle)]
fn android_main(activity: slint::android::AndroidApp) {
    let folder = activity.internal_data_path();
    if slint::android::init(activity).is_ok() {
        tacit_app::start(folder);
    }
}

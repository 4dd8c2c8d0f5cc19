//! Answering a callback of a global without ceremony.

/// `on!(state, part, on_open, |part, id| part.open(&id))`: the callback holds the part.
macro_rules! on {
    ($global:expr, $part:ident, $callback:ident, |$this:ident $(, $argument:ident)*| $body:expr) => {{
        let $this = std::rc::Rc::clone(&$part);
        $global.$callback(move |$($argument),*| $body);
    }};
}

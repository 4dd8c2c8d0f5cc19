//! Somebody to talk to: a real client in this process that greets and answers.

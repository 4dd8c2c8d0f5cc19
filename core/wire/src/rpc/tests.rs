mod answers;
mod authority;
mod refusals;
mod requests;

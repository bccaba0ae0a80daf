//! Turns a call of the catalog into HTTP and back: credentials, retry, rate budget, uploads.

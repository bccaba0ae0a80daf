//! One run of a script: where script and API meet.

//! What is checked: one entry a rule. Help, documentation, SARIF and `allow(…)` all read this table.

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name, as `allow(…)` takes it.
    pub code: &'static str,
    /// What it finds, in a few words.
    pub name: &'static str,
    /// When it finds something, and when not, in sentences.
    pub doc: &'static str,
}

const fn rule(code: &'static str, name: &'static str, doc: &'static str) -> Rule {
    Rule { code, name, doc }
}

pub(super) const SYNTAX: &Rule = &rule(
    "syntax",
    "does not parse",
    "The source is no text, is too long, or does not parse. The parser stops at the first fault.",
);
pub(super) const HEADER: &Rule = &rule(
    "header",
    "wrong header",
    "The header is no TOML, has an unknown key, a default that its type refuses, a host that no \
     request can match, or a schedule that says nothing. The parser of headers stops at the first fault.",
);
pub(super) const IMPORT: &Rule = &rule(
    "import",
    "import that fails",
    "The imported module is not there, lies outside the project, does not parse, or imports itself.",
);
pub(super) const UNKNOWN_NAMESPACE: &Rule = &rule(
    "unknown_namespace",
    "unknown section or namespace",
    "A name before `::` is no section of `duvo`, no other namespace, and no import.",
);
pub(super) const UNKNOWN_FUNCTION: &Rule = &rule(
    "unknown_function",
    "unknown function",
    "No function has this name: not the script, not its imports, not the library. A method is told \
     only where its value cannot be a map that holds a closure of that name.",
);
pub(super) const ARGUMENT_COUNT: &Rule = &rule(
    "argument_count",
    "wrong number of arguments",
    "The function takes fewer or more arguments than it is given.",
);
pub(super) const UNKNOWN_VARIABLE: &Rule = &rule(
    "unknown_variable",
    "unknown variable",
    "No variable of this name is to be seen here. A function sees none from outside.",
);
pub(super) const UNKNOWN_FIELD: &Rule = &rule(
    "unknown_field",
    "unknown field of a call",
    "A map that is written out, in the call or in a variable that is set once, has a field that \
     the endpoint does not take.",
);
pub(super) const MISSING_FIELD: &Rule = &rule(
    "missing_field",
    "missing field of a call",
    "A map that is written out lacks a field that the endpoint wants.",
);
pub(super) const WRONG_VALUE: &Rule = &rule(
    "wrong_value",
    "value that is refused",
    "A value that is written out can only be refused: it has the wrong type, is none of the allowed \
     values, passes a limit, or stands for an id and is no UUID.",
);
pub(super) const UNKNOWN_OPTION: &Rule = &rule(
    "unknown_option",
    "unknown option",
    "A map of options that is written out has one that the function does not take.",
);
pub(super) const UNKNOWN_RESULT: &Rule = &rule(
    "unknown_result",
    "unknown field of a result",
    "A field is read that the endpoint's answer does not have; it would be `()`. Followed are \
     results in variables that are set once and never changed, lists of them in `for`, and the \
     closures of `filter`, `map` and the like.",
);
pub(super) const UNKNOWN_ARGUMENT: &Rule = &rule(
    "unknown_argument",
    "undeclared argument",
    "The script reads `args.name`, and its header declares no such argument.",
);
pub(super) const UNUSED_ARGUMENT: &Rule = &rule(
    "unused_argument",
    "argument that nothing reads",
    "The header declares an argument that neither the script nor its own imports read.",
);
pub(super) const UNDECLARED: &Rule = &rule(
    "undeclared",
    "host or variable that the header does not allow",
    "A request goes to a host, or `env` reads a variable, that the header does not list. Told in \
     scripts that have a header.",
);
pub(super) const UNBOUNDED_WAIT: &Rule = &rule(
    "unbounded_wait",
    "wait without a deadline",
    "A script with a schedule asks a person without a `deadline` (`ask`, or `duvo::jobs::finish` \
     without `on_human`), or loops for ever: nobody sits there to answer or to stop it.",
);
pub(super) const UNGUARDED: &Rule = &rule(
    "unguarded",
    "everything is destroyed, unasked",
    "A destructive call whose reach is everything (`duvo::cases::clear`, `all_matching: true` without \
     a filter, the forced deletion of a folder, an empty list for what it replaces) stands where \
     it always runs: not inside an `if`, a `switch` or a loop with a condition, and not behind an \
     `assert` or an `if` that may leave.",
);
pub(super) const DEPRECATED: &Rule = &rule(
    "deprecated",
    "deprecated endpoint",
    "The vendor has replaced the endpoint. The hint says how the call maps to the newer one.",
);
pub(super) const KNOWN_REQUEST: &Rule = &rule(
    "known_request",
    "request that has a function",
    "`duvo::request` goes to a path of an endpoint that has a function of its own, which judges the \
     fields and follows the pages.",
);
pub(super) const NEVER_EQUAL: &Rule = &rule(
    "never_equal",
    "comparison that cannot hold",
    "Text is compared with a number: to the language both `\"1\" < 1` and `\"1\" == 1` are false.",
);
pub(super) const NO_RESULT: &Rule = &rule(
    "no_result",
    "result of a function that has none",
    "`sort`, `reverse`, `push`, `replace` and others change the value itself and return `()`, which \
     is used here as if it were the changed value.",
);
pub(super) const SHADOWED: &Rule = &rule(
    "shadowed",
    "name of the library taken",
    "A function of a script that is no module has the name and the parameters of a builtin, which \
     nobody can call any more; or a variable hides `args`.",
);
pub(super) const ALLOW: &Rule = &rule(
    "allow",
    "wrong `allow`",
    "`// allow(code): reason` names no rule, gives no reason, or allows nothing on its line and the next.",
);

/// All rules, in the order of the documentation.
pub const RULES: &[&Rule] = &[
    SYNTAX,
    HEADER,
    IMPORT,
    UNKNOWN_NAMESPACE,
    UNKNOWN_FUNCTION,
    ARGUMENT_COUNT,
    UNKNOWN_VARIABLE,
    UNKNOWN_FIELD,
    MISSING_FIELD,
    WRONG_VALUE,
    UNKNOWN_OPTION,
    UNKNOWN_RESULT,
    UNKNOWN_ARGUMENT,
    UNUSED_ARGUMENT,
    UNDECLARED,
    UNBOUNDED_WAIT,
    UNGUARDED,
    DEPRECATED,
    KNOWN_REQUEST,
    NEVER_EQUAL,
    NO_RESULT,
    SHADOWED,
    ALLOW,
];

/// Returns the rule of a code.
pub(super) fn by_code(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

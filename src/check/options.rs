//! Calls of builtins: the types of what is written out, and maps of options.

use super::judge::Place;
use super::names::did_you_mean;
use super::rules::{UNDECLARED, UNKNOWN_OPTION, WRONG_VALUE};
use super::tree::{Kind, Name, Node};
use super::walk::Walker;
use super::words;
use crate::report::nearest;
use crate::script::{Function, Parameter, inner_options};

impl<'a> Walker<'a> {
    /// Judges the arguments of a builtin; `of` is the value of a method.
    pub(super) fn check_builtin(
        &mut self,
        function: &'static Function,
        of: Option<&'a Node>,
        arguments: &'a [Node],
        place: Place<'_>,
    ) {
        let given: Vec<_> = of.into_iter().chain(arguments).collect();
        let parameters = &function.parameters;
        if given.len() > parameters.len() {
            return;
        }
        // `retry(options?, work)`: what can be left out may come first.
        let leading = parameters
            .iter()
            .take_while(|parameter| parameter.is_optional);
        let left_out = leading.count().min(parameters.len() - given.len());
        for (parameter, value) in parameters.iter().skip(left_out).zip(given) {
            self.check_parameter(parameter, value, place);
        }
    }

    fn check_parameter(
        &mut self,
        parameter: &'static Parameter,
        value: &'a Node,
        place: Place<'_>,
    ) {
        let (node, place) = self.followed(value, place);
        if let (Kind::Map(entries), false) = (&node.kind, parameter.options.is_empty()) {
            return self.check_options(&parameter.options, entries, place);
        }
        self.judge_words(parameter.name, parameter.types, node, place);
    }

    fn judge_words(&mut self, name: &str, types: &str, node: &Node, place: Place<'_>) {
        if let Err((fault, hint)) = words::judge(types, node) {
            let message = format!("{}: `{name}`{fault}", place.function);
            self.findings.add_with(WRONG_VALUE, node.at, message, hint);
        }
    }

    fn check_options(
        &mut self,
        options: &[(&'static str, &'static str)],
        entries: &'a [(Name, Node)],
        place: Place<'_>,
    ) {
        for (key, value) in entries {
            let known = || options.iter().map(|(name, _)| *name);
            let option = options.iter().find(|(name, _)| key.text == *name);
            let Some((name, types)) = option else {
                let hint = did_you_mean(nearest(&key.text, known())).unwrap_or_else(|| {
                    let names: Vec<_> = known().collect();
                    format!("the options are `{}`", names.join("`, `"))
                });
                let message = format!("{}: has no option `{}`", place.function, key.text);
                self.findings
                    .add_with(UNKNOWN_OPTION, key.at, message, Some(hint));
                continue;
            };
            let (node, place) = self.followed(value, place);
            match (&node.kind, inner_options(types).as_slice()) {
                (_, []) => self.judge_words(name, types, node, place),
                (Kind::Map(entries), inner) => self.check_options(inner, entries, place),
                _ => self.judge_words(name, &words::outer(types), node, place),
            }
        }
    }

    /// Tells a request to a host, or the reading of a variable, that the header does not list.
    pub(super) fn check_permission(&mut self, function: &Function, arguments: &[Node]) {
        let header = self.script.header;
        if !header.is_there {
            return;
        }
        if function.name == "env" {
            let name = arguments.first();
            if let Some((node, name)) = name.and_then(|node| Some((node, node.text()?)))
                && !header.env.iter().any(|allowed| allowed == name)
            {
                let message = format!("the header does not allow the variable `{name}`");
                let hint = format!("add `env = [\"{name}\"]` to the header");
                self.findings
                    .add_with(UNDECLARED, node.at, message, Some(hint));
            }
        } else if function.name.starts_with("http::") {
            let at = function
                .parameters
                .iter()
                .position(|parameter| parameter.name == "url");
            let url = at.and_then(|at| arguments.get(at));
            if let Some((node, host)) = url.and_then(|node| Some((node, host_of(node)?)))
                && !header
                    .hosts
                    .iter()
                    .any(|allowed| allowed.eq_ignore_ascii_case(&host))
            {
                let message = format!("the header does not allow requests to `{host}`");
                let hint = format!("add `hosts = [\"{host}\"]` to the header");
                self.findings
                    .add_with(UNDECLARED, node.at, message, Some(hint));
            }
        }
    }
}

/// Returns the host that a URL names, with its port if it has one; of a template, when the host is in
/// its first piece as a whole.
fn host_of(node: &Node) -> Option<String> {
    let text = match &node.kind {
        Kind::Text(text) => text.to_string(),
        Kind::Template(parts) => {
            let text = parts.first()?.text()?;
            let (_, rest) = text.split_once("://")?;
            text[..text.len() - rest.len() + rest.find('/')?].to_owned()
        }
        _ => return None,
    };
    let url = url::Url::parse(&text).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tree::Spot;

    fn node(kind: Kind) -> Node {
        Node {
            at: Spot::default(),
            kind,
        }
    }

    #[test]
    fn hosts_are_read_from_urls_and_from_starts_of_templates() {
        let text = |text: &str| node(Kind::Text(text.into()));
        assert_eq!(
            host_of(&text("https://a.example/x")).as_deref(),
            Some("a.example")
        );
        assert_eq!(
            host_of(&text("http://localhost:8080")).as_deref(),
            Some("localhost:8080")
        );
        assert_eq!(host_of(&text("a.example")), None);
        let template = |start: &str| node(Kind::Template(vec![text(start), node(Kind::Nothing)]));
        assert_eq!(
            host_of(&template("https://a.example/")).as_deref(),
            Some("a.example")
        );
        assert_eq!(host_of(&template("https://a.")), None);
    }
}

//! Finds every path of a source file that leads to the crate's root: in `use`, in types and
//! expressions, in macros and attributes, from `crate` as well as from `super`.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A path to something below the crate's root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    /// The first segment below the root; `*` or `{` where it could be anything.
    pub(crate) folder: String,
}

/// Returns the imports of a file, and the files that it declares as modules, relative to the
/// folder that holds its modules.
pub(crate) fn read(source: &str, module: &[String]) -> syn::Result<(Vec<Import>, Vec<String>)> {
    let mut reader = Reader {
        module: module.to_vec(),
        imports: Vec::new(),
        modules: Vec::new(),
    };
    reader.visit_file(&syn::parse_file(source)?);
    Ok((reader.imports, reader.modules))
}

struct Reader {
    /// Where in the crate the code stands, such as `script`, `door`.
    module: Vec<String>,
    imports: Vec<Import>,
    modules: Vec<String>,
}

impl Reader {
    /// Notes a path when it leads to the crate's root.
    fn note(&mut self, path: &[String], span: Span) {
        let path = match path {
            [first, rest @ ..] if first == "self" => rest,
            whole => whole,
        };
        let climbed = path.iter().take_while(|part| *part == "super").count();
        let below = match path.first().map(String::as_str) {
            Some("crate") => &path[1..],
            Some("super") if climbed == self.module.len() => &path[climbed..],
            _ => return,
        };
        if let Some(folder) = below.first().filter(|part| *part != "self") {
            let import = Import {
                line: span.start().line,
                folder: folder.clone(),
            };
            if !self.imports.contains(&import) {
                self.imports.push(import);
            }
        }
    }

    fn note_tree(&mut self, prefix: &mut Vec<String>, tree: &syn::UseTree) {
        let (last, span) = match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.note_tree(prefix, &path.tree);
                prefix.pop();
                return;
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(prefix, tree);
                }
                return;
            }
            syn::UseTree::Name(name) => (name.ident.to_string(), name.ident.span()),
            syn::UseTree::Rename(name) => (name.ident.to_string(), name.ident.span()),
            syn::UseTree::Glob(glob) => ("*".into(), glob.star_token.spans[0]),
        };
        prefix.push(last);
        self.note(prefix, span);
        prefix.pop();
    }

    /// Notes the paths among the tokens of a macro or an attribute.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(ident) if colons == 2 && !path.is_empty() => {
                    path.push(ident.to_string());
                }
                TokenTree::Ident(ident) => {
                    self.note(&path, start);
                    (path, start) = (vec![ident.to_string()], ident.span());
                }
                TokenTree::Group(group) => {
                    if colons == 2 && group.delimiter() == Delimiter::Brace {
                        path.push("{".into());
                    }
                    self.note(&path, start);
                    path.clear();
                    self.note_tokens(group.stream());
                }
                TokenTree::Literal(literal) => self.note_text(&literal.to_string(), literal.span()),
                TokenTree::Punct(_) => {
                    self.note(&path, start);
                    path.clear();
                }
            }
            colons = 0;
        }
        self.note(&path, start);
    }

    /// Notes a path that an attribute holds as text, such as `with = "crate::report::text"`.
    fn note_text(&mut self, text: &str, span: Span) {
        let path: Vec<_> = text
            .trim_matches('"')
            .split("::")
            .map(str::to_owned)
            .collect();
        if path.len() > 1 {
            self.note(&path, span);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_none() {
            self.modules.push(item.ident.to_string());
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        if let Some(first) = path.segments.first() {
            self.note(&parts, first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.visit_path(&item.path);
        self.note_tokens(item.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.note_tokens(list.tokens.clone());
        }
    }
}

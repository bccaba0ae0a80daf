//! What a value may be, in words that the catalog and an OpenAPI document share.
//!
//! One thing has one spelling: a union is flat and holds neither `null` nor two lists of choices,
//! a bound of an integer is inclusive. Nothing here knows which side a form came from.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::model::{Format, Range};

/// Larger bounds come from tools that write "any safe integer" so; they bound nothing.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// A union of more members is taken as `any`.
const MEMBERS: usize = 256;

/// What a value may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Form {
    pub(super) kind: FormKind,
    pub(super) nullable: bool,
}

/// The kind of a value, with its limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FormKind {
    Any,
    Boolean,
    Integer(Range),
    Number(Range),
    Text(TextForm),
    /// Allowed values, each as JSON text.
    Choice(BTreeSet<String>),
    File,
    List(Box<Form>, Range),
    Object(Fields),
    /// Any of some forms; without members it is the form of `null` alone.
    Union(Vec<Form>),
}

/// The limits of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextForm {
    pub(super) format: Format,
    pub(super) length: Range,
    pub(super) pattern: Option<String>,
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub(super) named: BTreeMap<String, Member>,
    pub(super) rest: Rest,
}

/// What is said of fields of other names; a later variant wins when two objects become one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Rest {
    /// There are none.
    Closed,
    /// Nothing.
    #[default]
    Unsaid,
    /// They hold this.
    Open(Box<Form>),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) required: bool,
    pub(super) form: Form,
    /// The default, as JSON text.
    pub(super) default: Option<String>,
}

impl From<FormKind> for Form {
    fn from(kind: FormKind) -> Self {
        Self {
            kind,
            nullable: false,
        }
    }
}

impl Form {
    /// Returns the form of `null` alone.
    pub(super) fn null() -> Self {
        Self {
            kind: FormKind::Union(Vec::new()),
            nullable: true,
        }
    }

    /// Returns the form of what fits any of some forms.
    pub(super) fn any_of(forms: Vec<Self>) -> Self {
        let mut nullable = false;
        let mut choices = BTreeSet::new();
        let mut members: Vec<Self> = Vec::new();
        for kind in flat(forms, &mut nullable) {
            match kind {
                FormKind::Choice(values) => choices.extend(values),
                _ if members.len() > MEMBERS => {}
                kind if members.iter().any(|member| member.kind == kind) => {}
                kind => members.push(kind.into()),
            }
        }
        if !choices.is_empty() {
            members.push(FormKind::Choice(choices).into());
        }
        let is_any = |form: &Self| form.kind == FormKind::Any;
        let kind = match members.len() {
            1 => members.remove(0).kind,
            count if count > MEMBERS || members.iter().any(is_any) => FormKind::Any,
            _ => FormKind::Union(members),
        };
        Self { kind, nullable }
    }

    /// Returns the form of what fits both forms, as far as it can be said: objects have the fields
    /// of both; of two kinds that exclude each other the first stands.
    pub(super) fn both(self, other: Self) -> Self {
        if self.kind == FormKind::Any {
            return other;
        }
        if other.kind == FormKind::Any {
            return self;
        }
        let nullable = self.nullable && other.nullable;
        let mut form = match (self.kind, other.kind) {
            (FormKind::Union(members), kind) | (kind, FormKind::Union(members)) => {
                let other: Self = kind.into();
                let each = members.into_iter().map(|form| form.both(other.clone()));
                Self::any_of(each.collect())
            }
            (FormKind::Choice(first), FormKind::Choice(second)) => {
                FormKind::Choice(first.intersection(&second).cloned().collect()).into()
            }
            (FormKind::Object(first), FormKind::Object(second)) => {
                FormKind::Object(first.joined(second)).into()
            }
            (FormKind::Text(_), kind @ FormKind::Choice(_)) | (kind, _) => kind.into(),
        };
        form.nullable |= nullable;
        form
    }

    /// Returns the fields, when every value of this form is an object; the members of a union are
    /// merged to one.
    pub(super) fn fields(&self) -> Option<Fields> {
        match &self.kind {
            FormKind::Object(fields) => Some(fields.clone()),
            FormKind::Union(members) if !members.is_empty() => {
                let objects: Option<Vec<Fields>> = members.iter().map(Self::fields).collect();
                objects.map(Fields::merged)
            }
            _ => None,
        }
    }
}

impl Member {
    /// Returns the field of a query: `true` and its text are the same there.
    pub(super) fn in_query(mut self) -> Self {
        if is_truth(&self.form) {
            self.form.kind = FormKind::Boolean;
            self.default = self.default.map(|text| text.trim_matches('"').to_owned());
        }
        self
    }
}

/// Returns whether a form is that of `true` and `false`, be it as text.
fn is_truth(form: &Form) -> bool {
    match &form.kind {
        FormKind::Boolean => true,
        FormKind::Choice(values) => {
            let mut plain = values.iter().map(|value| value.trim_matches('"'));
            values.len() > 1 && plain.all(|value| value == "true" || value == "false")
        }
        FormKind::Union(members) => !members.is_empty() && members.iter().all(is_truth),
        _ => false,
    }
}

impl Fields {
    /// Returns the fields of an object that is both of two: all of both.
    fn joined(mut self, other: Self) -> Self {
        for (name, member) in other.named {
            let member = match self.named.remove(&name) {
                None => member,
                Some(first) => Member {
                    required: first.required || member.required,
                    form: first.form.both(member.form),
                    default: first.default.or(member.default),
                },
            };
            self.named.insert(name, member);
        }
        self.rest = self.rest.or(other.rest);
        self
    }

    /// Returns one object in the place of several alternatives: required is what all of them require.
    fn merged(all: Vec<Self>) -> Self {
        let count = all.len();
        let mut rest = Rest::Closed;
        let mut parts: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for fields in all {
            rest = rest.or(fields.rest);
            for (name, member) in fields.named {
                parts.entry(name).or_default().push(member);
            }
        }
        let named = parts.into_iter().map(|(name, members)| {
            let member = Member {
                required: members.len() == count && members.iter().all(|member| member.required),
                default: members.iter().find_map(|member| member.default.clone()),
                form: Form::any_of(members.into_iter().map(|member| member.form).collect()),
            };
            (name, member)
        });
        Self {
            named: named.collect(),
            rest,
        }
    }
}

impl Rest {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Open(form), _) | (_, Self::Open(form)) => Self::Open(form),
            (Self::Unsaid, _) | (_, Self::Unsaid) => Self::Unsaid,
            (Self::Closed, Self::Closed) => Self::Closed,
        }
    }
}

/// Returns the kinds in nested unions, and notes whether `null` is among them.
fn flat(forms: Vec<Form>, nullable: &mut bool) -> Vec<FormKind> {
    let mut kinds = Vec::new();
    for form in forms {
        *nullable |= form.nullable;
        match form.kind {
            FormKind::Union(members) => kinds.extend(flat(members, nullable)),
            kind => kinds.push(kind),
        }
    }
    kinds
}

/// Returns the range of a number, without bounds that bound nothing.
pub(super) fn number(range: Range) -> Range {
    let min = range.min.filter(|min| *min > -SAFE);
    let max = range.max.filter(|max| *max < SAFE);
    Range {
        min,
        max,
        exclusive: range.exclusive && (min.is_some() || max.is_some()),
    }
}

/// Returns the range of a length, without the bounds that every length keeps.
pub(super) fn length(min: Option<f64>, max: Option<f64>) -> Range {
    Range {
        min: min.filter(|min| *min > 0.0),
        max: max.filter(|max| *max < SAFE),
        exclusive: false,
    }
}

//! Finds amounts of money in text that people wrote, for rules that approve by amount.
//!
//! Such a rule must not approve by mistake: what is ambiguous is left out or read as the greater
//! amount, never as the smaller. A number counts when a currency stands beside it; without any in
//! the text, when it is the whole text, or has both groups and cents (`1,250.00`).

use super::currency::{Currency, after, before, magnitude};

/// Returns all amounts in a text, in their order and without their signs.
pub(super) fn amounts(text: &str) -> Vec<f64> {
    let text: Vec<char> = text.trim().chars().collect();
    let numbers = numbers(&text);
    let mut amounts = match numbers.as_slice() {
        [only] if only.is_all_of(&text) => vec![only.value()],
        numbers => with_currency(numbers),
    };
    if amounts.is_empty() {
        let like_money = numbers.iter().filter(|n| n.grouped && n.cents);
        amounts.extend(like_money.map(Number::value));
    }
    amounts.retain(|amount| amount.is_finite());
    amounts
}

/// A number in the text, and the currencies beside it.
struct Number {
    /// Where its digits start.
    start: usize,
    /// Where it ends, with its order of magnitude.
    end: usize,
    /// Digits with a point for decimals.
    digits: String,
    /// Power of ten behind it, such as 6 of `1.2 million`.
    power: u32,
    grouped: bool,
    cents: bool,
    prefix: Option<Currency>,
    suffix: Option<Currency>,
}

impl Number {
    fn is_all_of(&self, text: &[char]) -> bool {
        let is_sign = |letter: &char| matches!(letter, '-' | '−' | '+');
        self.end == text.len() && text[..self.start].iter().all(is_sign)
    }

    fn value(&self) -> f64 {
        let text = format!("{}e{}", self.digits, self.power);
        text.parse().unwrap_or(f64::INFINITY)
    }
}

/// Returns the values of numbers with a currency. Where two stand around the same one, as in
/// `invoice 118 EUR 500.00`, it belongs to that with cents, else to the greater.
fn with_currency(numbers: &[Number]) -> Vec<f64> {
    let mut wins: Vec<bool> = numbers
        .iter()
        .map(|number| number.prefix.is_some() || number.suffix.is_some())
        .collect();
    for at in 1..numbers.len() {
        let (left, right) = (&numbers[at - 1], &numbers[at]);
        let is_same = left.suffix.is_some() && left.suffix == right.prefix;
        if is_same && left.prefix.is_none() && right.suffix.is_none() {
            let left_wins = match (left.cents, right.cents) {
                (true, false) => true,
                (false, true) => false,
                _ => left.value() > right.value(),
            };
            wins[if left_wins { at } else { at - 1 }] = false;
        }
    }
    let numbers = numbers.iter().zip(wins).filter(|(_, wins)| *wins);
    numbers.map(|(number, _)| number.value()).collect()
}

fn numbers(text: &[char]) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (groups, end) = groups(text, at);
        numbers.extend(number(text, &groups, at, end));
        at = end;
    }
    numbers
}

/// A run of digits, and what stands between it and the one before.
type Group = (char, String);

/// Reads digits in groups from a place on; returns them and where they end.
fn groups(text: &[char], start: usize) -> (Vec<Group>, usize) {
    let run = |from: usize| -> String {
        let digits = text[from..].iter();
        digits
            .take_while(|letter| letter.is_ascii_digit())
            .collect()
    };
    let mut groups = vec![(' ', run(start))];
    let mut end = start + groups[0].1.len();
    while let Some(separator) = text.get(end).copied().and_then(separator) {
        let next = run(end + 1);
        let last = &groups[groups.len() - 1];
        // Words are apart by spaces too, so a group behind one must look like a group.
        let is_group = next.len() == 3
            && last.1.len() <= 3
            && (groups.len() == 1 || (last.0 == ' ' && last.1.len() == 3));
        if next.is_empty() || (separator == ' ' && !is_group) {
            break;
        }
        end += 1 + next.len();
        groups.push((separator, next));
    }
    (groups, end)
}

fn separator(letter: char) -> Option<char> {
    match letter {
        '.' | ',' => Some(letter),
        '\'' | '’' => Some('\''),
        ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(' '),
        _ => None,
    }
}

/// Makes a number of groups, unless they are a date, a version, an identifier or a range.
fn number(text: &[char], groups: &[Group], start: usize, end: usize) -> Option<Number> {
    let (whole, decimals) = split(groups)?;
    let grouped = whole.len() > 1;
    let whole: String = whole.iter().map(|(_, digits)| digits.as_str()).collect();
    let prefix = before(text, signed_start(text, start)?);
    let directly_before = text[..start].last();
    let attached = directly_before.is_some_and(|letter| letter.is_alphanumeric());
    if attached && prefix.is_none() {
        return None;
    }
    let end = end + whole_mark(&text[end..]);
    let (power, end) = magnitude(text, end);
    let suffix = after(text, end);
    let behind = suffix.as_ref().map_or(end, |suffix| suffix.end);
    let (more, end) = match &suffix {
        Some(_) => late_magnitude(text, behind),
        None => (0, end),
    };
    if suffix.is_none() && !ends_well(&text[end..]) || is_range(&text[behind.max(end)..]) {
        return None;
    }
    Some(Number {
        start,
        end,
        cents: decimals.len() == 2,
        digits: format!("{whole}.{decimals}0"),
        power: power + more,
        grouped,
        prefix: prefix.filter(Currency::may_lead),
        suffix: suffix.filter(Currency::may_follow),
    })
}

/// Splits groups into whole part and decimals, unless they are not grouped as numbers are.
fn split(groups: &[Group]) -> Option<(&[Group], &str)> {
    let (first, rest) = groups.split_first()?;
    let Some(((last, decimals), middle)) = rest.split_last() else {
        return Some((groups, ""));
    };
    let may_be_decimal = matches!(last, '.' | ',');
    let is_decimal = match middle {
        // One separator and three digits: thousands, but for `0.125` and `1250.125`.
        [] => may_be_decimal && (decimals.len() != 3 || first.1.len() > 3 || first.1 == "0"),
        [(separator, _), ..] => may_be_decimal && separator != last,
    };
    let whole = if is_decimal {
        &groups[..groups.len() - 1]
    } else {
        groups
    };
    let decimals = if is_decimal { decimals.as_str() } else { "" };
    is_grouped(whole).then_some((whole, decimals))
}

fn is_grouped(groups: &[Group]) -> bool {
    let Some(((separator, last), middle)) = groups.get(1..).and_then(<[_]>::split_last) else {
        return true;
    };
    let first = groups[0].1.len();
    let same = middle.iter().all(|(other, _)| other == separator);
    let thousands = first <= 3 && middle.iter().all(|(_, digits)| digits.len() == 3);
    // Lakhs and crores: 12,50,000.
    let indian = first <= 2 && middle.iter().all(|(_, digits)| digits.len() == 2);
    same && last.len() == 3 && (thousands || indian)
}

/// Returns where the number starts with its sign; nothing when what stands before makes it a part
/// of something else.
fn signed_start(text: &[char], start: usize) -> Option<usize> {
    let directly = text[..start].last().copied().unwrap_or(' ');
    let second = start.checked_sub(2).map_or(' ', |at| text[at]);
    match directly {
        '-' | '−' | '+' if !second.is_alphanumeric() => Some(start - 1),
        '-' | '−' | '–' | '—' | '+' | '.' | ',' | ':' if second.is_alphanumeric() => {
            // `EUR:1250` is an amount, `10:30` is not.
            (directly == ':' && !second.is_ascii_digit()).then_some(start)
        }
        '_' | '#' | '/' | '\\' | '@' | '^' | '№' => None,
        _ => Some(start),
    }
}

/// Returns the length of what marks a whole amount, as in `1250,-`.
fn whole_mark(rest: &[char]) -> usize {
    let Some(('.' | ',', rest)) = rest.split_first() else {
        return 0;
    };
    let is_dash = |letter: &&char| matches!(letter, '-' | '–' | '—' | '=');
    let dashes = rest.iter().take_while(is_dash).count();
    let goes_on = rest
        .get(dashes)
        .is_some_and(|letter| letter.is_alphanumeric());
    if dashes == 0 || goes_on {
        0
    } else {
        1 + dashes
    }
}

/// Reads an order of magnitude behind the currency: `5 EUR million`.
fn late_magnitude(text: &[char], end: usize) -> (u32, usize) {
    match magnitude(text, end) {
        // A single letter is rather the next word.
        (power, behind) if behind > end + 2 => (power, behind),
        _ => (0, end),
    }
}

/// Returns whether a number without a currency behind it may end here.
fn ends_well(rest: &[char]) -> bool {
    let second = rest.get(1).copied().unwrap_or(' ');
    match rest.first() {
        None => true,
        Some('%' | '‰' | '°' | '_' | '#' | '@' | '^') => false,
        Some('-') => !second.is_alphanumeric(),
        Some('/' | ':' | '–' | '—') => !second.is_ascii_digit(),
        Some(' ') => !matches!(second, '%' | '‰' | '°'),
        Some(letter) => !letter.is_alphanumeric(),
    }
}

/// Returns whether a dash and another number follow: then this one is but the lower end.
fn is_range(rest: &[char]) -> bool {
    let mut rest = rest.iter().filter(|letter| !letter.is_whitespace());
    let has_dash = rest
        .next()
        .is_some_and(|letter| matches!(letter, '-' | '–' | '—'));
    has_dash && {
        let next = rest.find(|letter| letter.is_alphanumeric());
        next.is_some_and(char::is_ascii_digit)
    }
}

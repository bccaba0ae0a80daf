//! Knows currencies and orders of magnitude as people write them beside numbers.
//!
//! Words that mean something else as often (`all`, `try`, `pounds`, `ft`) are left out on purpose.

const CODES: &[&str] = &[
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD",
    "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN",
    "QAR", "RON", "RSD", "RUB", "SAR", "SEK", "SGD", "THB", "TWD", "UAH", "USD", "VND", "ZAR",
];

const LOWER_CODES: &[&str] = &[
    "chf", "czk", "dkk", "eur", "gbp", "huf", "nok", "pln", "sek", "usd",
];

const WORDS: &[&str] = &[
    "Kč", "kč", "Kčs", "korun", "kr", "zł", "zl", "złotych", "Ft", "forint", "lei", "Fr", "SFr",
    "лв",
];

/// Words in any case.
const NAMES: &[&str] = &[
    "eura", "euro", "euros", "dollar", "dollars", "rupees", "yen",
];

const MAGNITUDES: &[(u32, &[&str])] = &[
    (
        3,
        &[
            "k",
            "thousand",
            "thousands",
            "tsd",
            "tausend",
            "tis",
            "tisíc",
            "tys",
        ],
    ),
    (5, &["lakh", "lakhs", "lac"]),
    (
        6,
        &[
            "m",
            "mm",
            "mn",
            "mio",
            "mil",
            "mill",
            "mln",
            "million",
            "millions",
            "millionen",
            "milion",
            "milionů",
            "miliony",
        ],
    ),
    (7, &["crore", "crores", "cr"]),
    (
        9,
        &[
            "b",
            "bn",
            "billion",
            "billions",
            "mrd",
            "mld",
            "milliard",
            "milliarde",
            "milliarden",
            "miliarda",
            "miliard",
        ],
    ),
];

/// Where a currency stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Currency {
    /// Where it starts.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    touches_left: bool,
    touches_right: bool,
}

impl Currency {
    fn at(text: &[char], start: usize, end: usize) -> Self {
        let is_digit = |letter: Option<&char>| letter.is_some_and(char::is_ascii_digit);
        Self {
            start,
            end,
            touches_left: is_digit(text[..start].last()),
            touches_right: is_digit(text.get(end)),
        }
    }

    /// Returns whether it may belong to the number behind it: `118€ 500` is not 500 euros.
    pub(super) fn may_lead(&self) -> bool {
        self.touches_right || !self.touches_left
    }

    /// Returns whether it may belong to the number before it: `118 €500` is not 118 euros.
    pub(super) fn may_follow(&self) -> bool {
        self.touches_left || !self.touches_right
    }
}

/// Finds a currency before a number.
pub(super) fn before(text: &[char], number: usize) -> Option<Currency> {
    let is_between = |letter: &&char| {
        letter.is_whitespace() || matches!(letter, ':' | '=' | '(' | ')' | '~' | '≈' | '.')
    };
    let between = text[..number].iter().rev().take_while(is_between).count();
    let end = number - between.min(4);
    let start = match text[..end].last()? {
        symbol if is_symbol(*symbol) => end - 1,
        _ => {
            let letters = text[..end].iter().rev();
            let start = end - letters.take_while(|letter| letter.is_alphabetic()).count();
            let is_part = text[..start]
                .last()
                .is_some_and(|c| c.is_alphanumeric() || *c == '_');
            if is_part || !is_word(&text[start..end]) {
                return None;
            }
            start
        }
    };
    Some(Currency::at(text, start, end))
}

/// Finds a currency behind a number.
pub(super) fn after(text: &[char], number: usize) -> Option<Currency> {
    let start = number + spaces(&text[number..]);
    let letters = text[start..].iter();
    let length = letters.take_while(|letter| letter.is_alphabetic()).count();
    let end = match text.get(start)? {
        symbol if is_symbol(*symbol) => start + 1,
        _ if is_word(&text[start..start + length]) => start + length,
        // `US$`, `A$`
        _ if length <= 3 && text.get(start + length) == Some(&'$') => start + length + 1,
        _ => return None,
    };
    Some(Currency::at(text, start, end))
}

/// Reads an order of magnitude at a place: the power of ten, and where it ends.
pub(super) fn magnitude(text: &[char], from: usize) -> (u32, usize) {
    let start = from + spaces(&text[from..]);
    let letters = text[start..].iter();
    let length = letters.take_while(|letter| letter.is_alphabetic()).count();
    let whole = [length];
    // A code may be attached: `5mEUR`.
    let with_code = length
        .checked_sub(3)
        .filter(|at| is_word(&text[start + at..start + length]));
    for length in whole.into_iter().chain(with_code) {
        let word: String = text[start..start + length].iter().collect();
        let word = word.to_lowercase();
        let found = MAGNITUDES
            .iter()
            .find(|(_, words)| words.contains(&word.as_str()));
        if let Some((power, _)) = found {
            let end = start + length;
            let has_point = text.get(end) == Some(&'.') && length > 1;
            return (*power, end + usize::from(has_point));
        }
    }
    (0, from)
}

fn spaces(text: &[char]) -> usize {
    let spaces = text
        .iter()
        .take_while(|letter| letter.is_whitespace() && **letter != '\n');
    spaces.take(2).count()
}

fn is_symbol(letter: char) -> bool {
    // The block of currency symbols, and those that are older than it.
    matches!(letter, '$' | '£' | '¥' | '฿' | '\u{20a0}'..='\u{20cf}')
}

fn is_word(letters: &[char]) -> bool {
    let word: String = letters.iter().collect();
    let lower = word.to_lowercase();
    let exact = [CODES, LOWER_CODES, WORDS];
    exact.iter().any(|known| known.contains(&word.as_str())) || NAMES.contains(&lower.as_str())
}

//! `amount`: money in what people and agents write, for rules such as "approve up to 1,000 EUR".

use rhai::{Dynamic, Map};

use super::Builtin;
use super::arguments::{as_text, needed, wrong};
use super::money;
use crate::script::door::{Door, Raise};

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "amount",
        params: &["text: String|Map|int|float"],
        returns: "float or ()",
        doc: "Returns the first amount of money in a text, or in the title, then the description, \
              of a human request; `()` when there is none. An amount stands beside a currency; \
              without any, a number counts only when it is the whole text or has both groups and \
              cents, so that no year or invoice number is taken for money. Points, commas, spaces \
              and apostrophes are understood as people use them, `1.2 million` too; one separator \
              before three digits means thousands. The sign is left out. What is ambiguous is read as the greater \
              amount, or not at all. `() <= 1000` is false.",
        examples: &[
            ("amount(\"Approve payment of 1,250.00 EUR\")", "1250.0"),
            (
                "amount(#{ title: \"Invoice 2024-118\", description: \"Total: 1.250,50 €\" })",
                "1250.5",
            ),
            ("amount(\"Close case 118?\")", "null"),
        ],
        run: amount,
    },
    Builtin {
        name: "amounts",
        params: &["text: String|Map|int|float"],
        returns: "Array",
        doc: "Returns all amounts of money in a text or human request, in their order, found as \
              `amount` finds the first.",
        examples: &[(
            "amounts(\"Pay EUR 90 of EUR 1 200, fee $2.50\")",
            "[90.0,1200.0,2.5]",
        )],
        run: amounts,
    },
];

fn amount(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let found = find(door, args)?;
    Ok(found.first().copied().map_or(Dynamic::UNIT, Dynamic::from))
}

fn amounts(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let found: Vec<Dynamic> = find(door, args)?.into_iter().map(Dynamic::from).collect();
    Ok(found.into())
}

fn find(door: &Door<'_>, args: &[&mut Dynamic]) -> Result<Vec<f64>, Raise> {
    let value = needed(door, args, 0, "text")?;
    if let Ok(number) = value.as_float() {
        return Ok(vec![number.abs()]);
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts are floats, as the doc says"
    )]
    if let Ok(number) = value.as_int() {
        return Ok(vec![(number as f64).abs()]);
    }
    if let Some(request) = value.read_lock::<Map>() {
        let texts = ["title", "description"].into_iter();
        let texts = texts.filter_map(|field| request.get(field).and_then(as_text));
        return Ok(texts.flat_map(|text| money::amounts(&text)).collect());
    }
    let text = as_text(value).ok_or_else(|| wrong(door, "text", "text or a human request", value));
    Ok(money::amounts(&text?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;
    use super::money::amounts;

    fn first(text: &str) -> Option<f64> {
        amounts(text).first().copied()
    }

    #[test]
    fn reads_what_people_write() {
        for (text, amount) in [
            ("Approve payment of 1,250.00 EUR", 1250.0),
            ("1.250,00 €", 1250.0),
            ("EUR 1 250", 1250.0),
            ("EUR 1\u{a0}250,50", 1250.5),
            ("CHF 1'250.50", 1250.5),
            ("CHF 1’250’000.-", 1_250_000.0),
            ("1250,- Kč", 1250.0),
            ("12 345,60 Kč za opravu", 12345.6),
            ("€1250", 1250.0),
            ("€ 1.250", 1250.0),
            ("US$5.25", 5.25),
            ("5,25 US$", 5.25),
            ("₹12,50,000.00", 1_250_000.0),
            ("1250EUR", 1250.0),
            ("EUR1250", 1250.0),
            ("eur 99.9", 99.9),
            ("0.125 EUR", 0.125),
            ("1.250.000 EUR", 1_250_000.0),
            ("1250.125 EUR", 1250.125),
            ("(EUR 40)", 40.0),
            ("Amount (EUR): 1250", 1250.0),
            ("total=250.00USD.", 250.0),
            ("Pay 3 invoices, 250 EUR", 250.0),
            ("Invoice 2024-118: 250 EUR", 250.0),
            ("Order #77 of 2026-05-04 for 19,90 €, due 12.05.2026", 19.9),
            ("5 % of 1000 EUR", 1000.0),
            ("Pay €250/month", 250.0),
            ("250 zł (PLN)", 250.0),
            ("10 × 250 EUR", 250.0),
            ("250 Euro", 250.0),
            ("250 EUROS", 250.0),
            ("approve €250—urgent", 250.0),
        ] {
            assert_eq!(first(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn orders_of_magnitude_are_never_lost() {
        for (text, amount) in [
            ("€1.5m", 1_500_000.0),
            ("€5 million", 5_000_000.0),
            ("5 mio. EUR", 5_000_000.0),
            ("5mEUR", 5_000_000.0),
            ("USD 12k", 12_000.0),
            ("12K USD", 12_000.0),
            ("3,5 tis. Kč", 3_500.0),
            ("2 Mrd. €", 2_000_000_000.0),
            ("5 EUR million", 5_000_000.0),
            ("INR 2 crore", 20_000_000.0),
            ("250 EUR k úhradě", 250.0),
        ] {
            assert_eq!(first(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn a_sign_is_no_way_under_a_limit_nor_is_the_lower_end_of_a_range() {
        for text in [
            "-250 EUR",
            "EUR -250",
            "-€250",
            "−250,00 €",
            "total - 250 EUR",
        ] {
            assert_eq!(first(text), Some(250.0), "{text}");
        }
        for range in [
            "100-250 EUR",
            "EUR 100-250",
            "EUR 100 – 250",
            "€100-€250 x",
            "100–250 €",
            "EUR 10 - 15k",
        ] {
            assert!(first(range).is_none_or(|amount| amount >= 250.0), "{range}");
        }
    }

    #[test]
    fn the_greater_amount_where_it_is_ambiguous() {
        assert_eq!(first("Invoice 118 EUR 500"), Some(500.0));
        assert_eq!(first("Invoice 2024 EUR 500.00"), Some(500.0));
        assert_eq!(first("Invoice 118 €500"), Some(500.0));
        assert_eq!(first("118€ 500 pieces"), Some(118.0));
        assert_eq!(
            amounts("100 EUR, 200 EUR and EUR 300"),
            [100.0, 200.0, 300.0]
        );
        assert_eq!(amounts("EUR 100, EUR 200"), [100.0, 200.0]);
    }

    #[test]
    fn what_is_no_money_is_left_alone() {
        for text in [
            "",
            "none",
            "EUR",
            "Approve invoice 2024-118?",
            "Case 17",
            "12.05.2026",
            "10:30",
            "version 1.20",
            "5 %",
            "EUR 5 %",
            "5%",
            "PO-4500 EUR-B12",
            "INV-250 EUR",
            "#250 EUR",
            "1.2.3 EUR",
            "1,25,0 EUR",
            "ALL 5",
            "10 pounds",
            "5 ft",
            "1/2 EUR",
            "call +420 777 123 456",
            "250kg",
            "3x EUR",
            "12,34,56 USD",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_without_currency_need_groups_and_cents_or_stand_alone() {
        assert_eq!(first("Approve 1,250.00"), Some(1250.0));
        assert_eq!(first("Approve 1250.00"), None);
        assert_eq!(first("Approve 1,250"), None);
        assert_eq!(first(" 1250.5 "), Some(1250.5));
        assert_eq!(first("-3"), Some(3.0));
        assert_eq!(first("1,250.00 or 90 EUR"), Some(90.0));
    }

    #[test]
    fn requests_are_read_title_first() {
        let title = "amount(#{ title: \"Pay 10 EUR\", description: \"20 EUR\" })";
        assert_eq!(run(title), Ok(10.0.into()));
        assert_eq!(
            run("amount(#{ title: (), description: () })"),
            Ok(serde_json::Value::Null)
        );
        assert_eq!(run("amount(#{}) <= 1000"), Ok(false.into()));
        assert_eq!(run("amount(5) + amount(2.5)"), Ok(7.5.into()));
        assert!(
            run("amount([])")
                .unwrap_err()
                .starts_with("amount: `text` must be text or a human")
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}|[0-9 .,'€$%kmEURc()-]{0,20}") {
            prop_assert!(amounts(&text).iter().all(|amount| amount.is_finite() && *amount >= 0.0));
        }

        #[test]
        fn every_way_of_writing_gives_the_same(cents in 1_u32..400_000_000, style in 0_usize..4) {
            let (whole, rest) = (cents / 100, cents % 100);
            let [group, point] = [[",", "."], [".", ","], [" ", ","], ["'", "."]][style];
            let digits = whole.to_string();
            let mut grouped = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at) % 3 == 0 {
                    grouped.push_str(group);
                }
                grouped.push(digit);
            }
            let expected = f64::from(cents) / 100.0;
            for text in [
                format!("Pay {grouped}{point}{rest:02} EUR now"),
                format!("Pay €{grouped}{point}{rest:02}."),
                format!("USD {whole}{point}{rest:02}"),
            ] {
                prop_assert_eq!(first(&text), Some(expected), "{}", text);
            }
        }
    }
}

//! The words: every milestone in every language by every channel, with nothing left to fill in.

use crate::{ABOUT, NOW, paid};
use domain::{CancelReason, CarrierCode, Currency, Language, Milestone, Millis, Money, Waybill};
use messages::{About, Words};

fn all() -> Vec<Milestone> {
    let amount = Money::new(12_800, Currency::CNY);
    let (carrier, waybill) =
        (CarrierCode::parse("yuantong").unwrap(), Waybill::parse("YT1").unwrap());
    let parcel = || (carrier.clone(), waybill.clone());
    let until = Millis(NOW.0);
    let ((c1, w1), (c2, w2), (c3, w3)) = (parcel(), parcel(), parcel());
    let ((c4, w4), (c5, w5)) = (parcel(), parcel());
    vec![
        paid(),
        Milestone::Confirmed { due: amount, ship_by: until },
        Milestone::PaymentExpiring { due: amount, until },
        Milestone::Cancelled { why: CancelReason::Unpaid },
        Milestone::UnitsCancelled { pieces: 2, why: CancelReason::OutOfStock },
        Milestone::SubstituteOffered { name: "Green tea".to_owned(), pieces: 2, until },
        Milestone::Completed { until },
        Milestone::Shipped { carrier: c1, waybill: w1 },
        Milestone::OutForDelivery { carrier: c2, waybill: w2 },
        Milestone::ReadyForPickup { carrier: c3, waybill: w3 },
        Milestone::Delayed { carrier: c4, waybill: w4 },
        Milestone::ParcelLost { carrier: c5, waybill: w5 },
        Milestone::SentAgain { pieces: 2 },
        Milestone::Delivered,
        Milestone::RefundGranted { amount },
        Milestone::Refunded { amount },
        Milestone::RefundFailed { amount },
        Milestone::CaseOpened { until },
        Milestone::CaseApproved { address: "杭州市 1 号".to_owned(), until },
        Milestone::CaseRejected { reason: "worn".to_owned() },
        Milestone::CaseReceived,
        Milestone::CaseLapsed,
    ]
}

#[test]
fn every_milestone_has_words_in_every_language_for_every_channel() {
    let words: Vec<&str> = all().iter().map(Milestone::word).collect();
    assert_eq!(words, Milestone::WORDS, "all milestones are looked at");
    for milestone in all() {
        for language in Language::ALL {
            let words = Words::of(&milestone, &ABOUT, language);
            let what = format!("{} in {}", milestone.word(), language.tag());
            for text in [&words.title, &words.short, &words.text(), &words.html()] {
                assert!(!text.trim().is_empty(), "{what}");
                assert!(!text.contains('{') && !text.contains('}'), "{what}: {text}");
            }
            assert!(words.title.contains(ABOUT.number), "{what}: which order?");
            assert!(!words.params.is_empty(), "{what}");
            for (name, value) in &words.params {
                assert!(words.short.contains(value.as_str()), "{what}: {name}");
            }
            let chinese = words.short.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let spoken = language == Language::ZhCn;
            let about =
                Words::of(&milestone, &About { goods: "Tea", shop: "T", ..ABOUT }, language);
            let foreign = about.short.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let of_others = matches!(milestone, Milestone::CaseApproved { .. });
            assert!(chinese || !spoken, "{what}");
            assert!(spoken || !foreign || of_others, "{what}: {}", about.short);
        }
    }
}

#[test]
fn a_value_is_text_and_never_markup_or_a_placeholder() {
    let about = About { goods: "<b>{order}</b>&\"x\"", ..ABOUT };
    let words = Words::of(&paid(), &about, Language::En);
    assert!(words.short.contains("<b>{order}</b>&\"x\""), "{}", words.short);
    let html = words.html();
    assert!(html.contains("&lt;b&gt;{order}&lt;/b&gt;&amp;&quot;x&quot;"), "{html}");
    assert!(!html.contains("<b>"));
}

#[test]
fn whoever_looks_after_an_endpoint_reads_which_one() {
    let words = Words::endpoint_disabled("https://hooks.example.com/<a>", NOW);
    assert!(words.text().contains("https://hooks.example.com/<a>"));
    assert!(words.html().contains("https://hooks.example.com/&lt;a&gt;"));
}

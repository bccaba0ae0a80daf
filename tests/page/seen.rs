//! In a real browser: what people see, click and type.

use std::time::Duration;

use crate::bed::{Bed, TOKEN};
use crate::browser::Seen;

/// A browser that waits for ever is no proof of anything.
const LONGEST: Duration = Duration::from_secs(120);

/// Runs a test in a browser, beside a daemon, where there is a browser.
async fn in_a_browser(test: impl AsyncFnOnce(&Seen, &Bed)) {
    let Some(seen) = Seen::open().await else {
        return;
    };
    let bed = Bed::new().await;
    let ended = tokio::time::timeout(LONGEST, test(&seen, &bed)).await;
    ended.expect("it takes too long");
    seen.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_answers_and_sees_the_run_go_on() {
    in_a_browser(async |seen, bed| {
        let run = bed.start("scripts/close.rhai");
        bed.asked(2).await;
        seen.go(&bed.served.link()).await;
        seen.write("#name", "Anna").await;
        seen.follow("button.primary").await;
        seen.until("document.querySelector('#live')?.textContent === 'live'")
            .await;
        let text = seen.text().await;
        assert!(text.contains("Shall the month be closed?"), "{text}");
        assert!(text.contains("Approve payment of 1,250 EUR"), "{text}");
        // What a script and a Job say stays text.
        assert!(text.contains("<script>window.broken=1</script>"), "{text}");
        assert!(seen.value::<bool>("window.broken === undefined").await);
        pictures(seen, "today").await;

        seen.go(&format!("{}/runs/{run}", bed.served.url())).await;
        pictures(seen, "run-waiting").await;
        let current: String = seen
            .value("document.querySelector('.code .is-current').innerText")
            .await;
        assert!(current.contains("ask("), "{current}");
        seen.follow("#asked button[value='close it']").await;
        seen.until("location.pathname === '/inbox'").await;
        let text = seen.text().await;
        assert!(
            text.contains("Your answer counts") && !text.contains("Shall the month"),
            "{text}"
        );
        seen.follow("button[value='true']").await;
        // The run goes on without anybody loading the page again.
        seen.go(&format!("{}/runs/{run}", bed.served.url())).await;
        seen.until("document.querySelector('#title .badge').textContent === 'done'")
            .await;
        seen.until("document.querySelector('.log').innerText.includes('the answer is close it')")
            .await;
        pictures(seen, "run-done").await;
        let events = bed.journal.events(&run).unwrap();
        assert_eq!(events[0].by.as_deref(), Some("Anna"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_triggered_and_its_log_followed() {
    in_a_browser(async |seen, bed| {
        log_in(seen, bed).await;
        seen.go(&format!("{}/schedules/report", bed.served.url()))
            .await;
        seen.follow("#acts button.primary").await;
        seen.until("document.querySelector('.strip a') !== null")
            .await;
        pictures(seen, "schedule").await;
        seen.follow(".strip a").await;
        seen.until("document.querySelector('.log')?.innerText.includes('part 1 of the report')")
            .await;
        // It is followed on the page that stands there.
        seen.value::<bool>("window.stays = true").await;
        seen.until("document.querySelector('.log').innerText.includes('part 3 of the report')")
            .await;
        seen.until("document.querySelector('#title .badge').textContent === 'done'")
            .await;
        assert!(seen.value::<bool>("window.stays === true").await);
        seen.go(&format!("{}/schedules", bed.served.url())).await;
        pictures(seen, "schedules").await;
        seen.go(&format!("{}/schedules/report", bed.served.url()))
            .await;
        seen.click("#pause summary").await;
        seen.write("#reason", "the books are closed").await;
        // What somebody types is not taken away by what happens meanwhile.
        bed.start("scripts/fail.rhai");
        seen.until(
            "fetch('/').then(() => new Promise((done) => setTimeout(() => done(true), 1500)))",
        )
        .await;
        let typed: String = seen.value("document.querySelector('#reason').value").await;
        assert_eq!(typed, "the books are closed");
        seen.follow("#pause form button").await;
        seen.until("document.body.innerText.includes('the books are closed')")
            .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_scripts() {
    in_a_browser(async |seen, bed| {
        seen.without_scripts().await;
        let run = bed.start("scripts/close.rhai");
        bed.asked(2).await;
        log_in(seen, bed).await;
        let url = bed.served.url();
        seen.go(&format!("{url}/inbox")).await;
        seen.follow("button[value='leave it']").await;
        seen.follow("button[value='false']").await;
        bed.until(&run, "done").await;
        seen.go(&format!("{url}/runs?only=done")).await;
        seen.follow("td.name a").await;
        assert!(seen.text().await.contains("the answer is leave it"));
        seen.follow("form[action$='/retry'] button").await;
        let again = seen.page.url().await.unwrap().unwrap();
        assert!(
            again.contains("/runs/") && !again.ends_with(&run),
            "{again}"
        );
        bed.asked(2).await;
        seen.go(&again).await;
        seen.click("#cancel summary").await;
        seen.follow("#cancel form button").await;
        let again = again.rsplit('/').next().unwrap();
        bed.until(again, "cancelled").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_everything() {
    in_a_browser(async |seen, bed| {
    let run = bed.start("scripts/close.rhai");
    bed.asked(2).await;
    log_in(seen, bed).await;
    seen.go(&format!("{}/inbox", bed.served.url())).await;
    let wanted: usize = seen
        .value("document.querySelectorAll('a, button, summary, textarea, input:not([type=hidden])').length")
        .await;
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..wanted + 5 {
        seen.press("Tab").await;
        let at: i64 = seen
            .value("[...document.querySelectorAll('a, button, summary, textarea, input')].indexOf(document.activeElement)")
            .await;
        if at >= 0 {
            reached.insert(at);
            let shows: bool = seen
                .value("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
                .await;
            assert!(shows, "the focus can be seen");
        }
    }
    assert_eq!(reached.len(), wanted);
    // Answered from the keyboard alone.
    seen.value::<bool>("document.querySelector(\"button[value='close it']\").focus() ?? true")
        .await;
    seen.press("Enter").await;
    seen.until("document.body.innerText.includes('Your answer counts')")
        .await;
    assert_eq!(bed.journal.events(&run).unwrap().len(), 1);
    })
    .await;
}

async fn log_in(seen: &Seen, bed: &Bed) {
    seen.go(&format!("{}/login", bed.served.url())).await;
    seen.write("#token", TOKEN).await;
    seen.follow("button.primary").await;
}

/// Keeps pictures of the page as people have it: on a desk, light and dark, and on a phone.
async fn pictures(seen: &Seen, name: &str) {
    seen.prefer("light").await;
    seen.wide(1280, 900).await;
    seen.picture(&format!("{name}-desk")).await;
    seen.prefer("dark").await;
    seen.picture(&format!("{name}-dark")).await;
    seen.wide(390, 844).await;
    seen.prefer("light").await;
    seen.picture(&format!("{name}-phone")).await;
    let overflow: bool = seen
        .value("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        .await;
    assert!(!overflow, "{name} is wider than a phone");
    seen.wide(1280, 900).await;
}

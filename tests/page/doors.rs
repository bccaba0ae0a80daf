//! Over HTTP: who gets in, which forms are heard, and what browsers are told.

use std::time::Duration;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use crate::bed::{Bed, MARKER, TOKEN};

/// What came back.
pub(crate) struct Came {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// Somebody with a browser, as far as HTTP goes.
pub(crate) struct Caller {
    client: Client,
    url: String,
    cookie: String,
}

impl Caller {
    /// Returns somebody who has not logged in.
    pub(crate) fn stranger(url: &str) -> Self {
        Self {
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            url: url.to_owned(),
            cookie: String::new(),
        }
    }

    /// Returns somebody who has logged in.
    pub(crate) async fn known(url: &str, token: &str, name: &str) -> Self {
        let mut caller = Self::stranger(url);
        let came = caller
            .post("/login", &[("token", token), ("name", name)])
            .await;
        assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
        let cookie = came.headers[SET_COOKIE].to_str().unwrap();
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut caller.cookie);
        caller
    }

    pub(crate) async fn get(&self, path: &str) -> Came {
        let url = format!("{}{path}", self.url);
        self.send(self.client.get(url)).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Came {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.client.post(format!("{}{path}", self.url));
        let form = "application/x-www-form-urlencoded";
        self.send(request.header("content-type", form).body(body))
            .await
    }

    /// Returns what the forms of this session carry.
    pub(crate) async fn proof(&self) -> String {
        let page = self.get("/").await.text;
        let (_, rest) = page.split_once("name=\"proof\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Came {
        let response = request.header(COOKIE, &self.cookie).send().await.unwrap();
        Came {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_token_or_a_link_that_was_not_used_lets_in() {
    let bed = Bed::new().await;
    let url = bed.served.url();
    let stranger = Caller::stranger(&url);
    for path in ["/", "/inbox", "/runs?only=failed", "/schedules/report"] {
        let came = stranger.get(path).await;
        assert_eq!(came.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            came.headers[LOCATION]
                .to_str()
                .unwrap()
                .starts_with("/login"),
            "{path}"
        );
    }
    assert_eq!(stranger.get("/live").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        stranger.post("/login", &[("token", "wrong")]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let link = bed.served.link();
    let code = link.split_once("once=").unwrap().1;
    // Looking at the link does not use it up; mail programs do that.
    assert!(
        stranger
            .get(&format!("/login?once={code}"))
            .await
            .text
            .contains(code)
    );
    let came = stranger
        .post("/login", &[("once", code), ("to", "//evil.example")])
        .await;
    assert_eq!(
        (came.status, came.headers[LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, "/")
    );
    let cookie = came.headers[SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert_eq!(
        stranger.post("/login", &[("once", code)]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let known = Caller::known(&url, TOKEN, "Anna").await;
    assert_eq!(known.get("/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_proof_does_nothing() {
    let bed = Bed::new().await;
    let url = bed.served.url();
    let anna = Caller::known(&url, TOKEN, "Anna").await;
    let ben = Caller::known(&url, TOKEN, "Ben").await;
    let run = bed.start("scripts/close.rhai");
    let question = bed
        .asked(2)
        .await
        .into_iter()
        .find(|id| id.contains(':'))
        .unwrap();
    let path = format!("/inbox/{}", question.replace(':', "%3A"));
    let proof = ben.proof().await;
    for wrong in ["", "x", &proof] {
        let came = anna
            .post(&path, &[("proof", wrong), ("text", "close it")])
            .await;
        assert_eq!(came.status, StatusCode::FORBIDDEN, "{wrong}");
    }
    for act in ["cancel", "pause", "retry"] {
        let came = anna.post(&format!("/runs/{run}/{act}"), &[]).await;
        assert_eq!(came.status, StatusCode::FORBIDDEN, "{act}");
    }
    assert!(bed.journal.events(&run).unwrap().is_empty());
    let own = anna.proof().await;
    let came = anna
        .post(&path, &[("proof", &own), ("text", "burn it")])
        .await;
    assert_eq!(
        came.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        came.text
    );
    let came = anna
        .post(&path, &[("proof", &own), ("text", "close it")])
        .await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.text);
    let kept = bed.journal.events(&run).unwrap();
    assert_eq!(kept[0].by.as_deref(), Some("Anna"));
    // Whoever comes later is told who was faster.
    let came = ben
        .post(&path, &[("proof", &proof), ("text", "leave it")])
        .await;
    assert_eq!(came.status, StatusCode::CONFLICT);
    assert!(
        came.text.contains("by Anna") && came.text.contains("close it"),
        "{}",
        came.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scripts_and_jobs_say_is_text_on_every_page() {
    let bed = Bed::new().await;
    let anna = Caller::known(&bed.served.url(), TOKEN, MARKER).await;
    let (closing, failing) = (
        bed.start("scripts/close.rhai"),
        bed.start("scripts/fail.rhai"),
    );
    let asked = bed.asked(2).await;
    bed.until(&failing, "failed").await;
    let mut paths = vec![
        "/".to_owned(),
        "/inbox".into(),
        "/runs".into(),
        "/schedules".into(),
    ];
    paths.extend(
        asked
            .iter()
            .map(|id| format!("/inbox/{}", id.replace(':', "%3A"))),
    );
    paths.extend([closing, failing].map(|run| format!("/runs/{run}")));
    paths.push("/schedules/weekly-close".into());
    paths.push("/runs?script=%3Cscript%3E&schedule=%22%3E&before=%27".into());
    let mut marked = 0;
    for path in &paths {
        let came = anna.get(path).await;
        assert!(
            came.status == StatusCode::OK || path.contains("before"),
            "{path}: {}",
            came.status
        );
        let text = came.text.to_lowercase();
        assert!(
            !text.contains("<img src=x") && !text.contains("<script>"),
            "{path}"
        );
        marked += usize::from(text.contains("&lt;img src=x"));
        let policy = came.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(
            !text.contains(" style=") && !text.contains(" onclick="),
            "{path}"
        );
    }
    assert_eq!(
        marked,
        paths.len(),
        "the name of the visitor alone stands on each page"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_page_is_told_of_what_changes() {
    let bed = Bed::new().await;
    let anna = Caller::known(&bed.served.url(), TOKEN, "Anna").await;
    let request = anna.client.get(format!("{}/live", anna.url));
    let mut stream = request.header(COOKIE, &anna.cookie).send().await.unwrap();
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: change"), "{first:?}");
    let run = bed.start("scripts/report.rhai");
    // Its lines and steps are told of as well as its end.
    for _ in 0..3 {
        let next = tokio::time::timeout(Duration::from_secs(5), stream.chunk()).await;
        let next = next.expect("it is told within seconds").unwrap().unwrap();
        assert!(next.starts_with(b"event: change"), "{next:?}");
    }
    bed.until(&run, "done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_runs_are_paged() {
    let bed = Bed::new().await;
    fill(&bed, 10_000);
    let anna = Caller::known(&bed.served.url(), TOKEN, "Anna").await;
    for path in ["/", "/runs", "/runs?only=done"] {
        let mut fastest = std::time::Duration::MAX;
        for _ in 0..5 {
            let clock = duvoscript::clock::SystemClock::new();
            let start = duvoscript::clock::Clock::elapsed(&clock);
            let came = anna.get(path).await;
            let taken = duvoscript::clock::Clock::elapsed(&clock).saturating_sub(start);
            fastest = fastest.min(taken);
            assert_eq!(came.status, StatusCode::OK);
            assert!(
                came.text.len() < 200_000,
                "{path}: {} bytes",
                came.text.len()
            );
        }
        println!("{path}: {} us to the last byte", fastest.as_micros());
    }
    let came = anna.get("/runs").await.text;
    let (_, rest) = came.split_once("/runs?before=").unwrap();
    let next = rest.split('"').next().unwrap();
    let older = anna.get(&format!("/runs?before={next}")).await.text;
    assert!(older.contains("run-09"), "{older}");
}

/// Puts runs that have ended into the journal.
fn fill(bed: &Bed, count: usize) {
    use duvoscript::journal::{NewRun, RunState, Write};
    let start: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    for number in 0..count {
        let at = start + jiff::SignedDuration::from_secs(i64::try_from(number).unwrap());
        let run = format!("run-{number:05}");
        bed.journal
            .put(Write::Run(NewRun::queued(
                run.clone(),
                "scripts/report.rhai",
                "1",
                at,
            )))
            .unwrap();
        let end = Write::End {
            run,
            state: RunState::Done,
            at,
            exit: 0,
            result: None,
            problem: None,
        };
        bed.journal.put(end).unwrap();
    }
    bed.journal.flush().unwrap();
}

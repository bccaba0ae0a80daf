//! A headless Chromium, and a page in it that hears every complaint of the browser.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetScriptExecutionDisabledParams,
};
use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::js_protocol::runtime::{EventConsoleApiCalled, EventExceptionThrown};
use chromiumoxide::page::{Page, ScreenshotParams};
use futures_util::StreamExt;
use tempfile::TempDir;

use crate::bed::pause;

/// Names under which the browser is found.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser with one page.
pub(crate) struct Seen {
    pub(crate) page: Page,
    complaints: Arc<Mutex<Vec<String>>>,
    /// Whether scripts of pages are off: what is looked for in a page by scripts would hang then.
    is_plain: AtomicBool,
    browser: Browser,
    _profile: TempDir,
}

/// Returns the browser, or says why there is none. `DUVOSCRIPT_CHROMIUM` names it, and demands it.
#[expect(clippy::disallowed_methods, reason = "tests are told so")]
fn executable() -> Option<PathBuf> {
    let demanded = std::env::var_os("DUVOSCRIPT_CHROMIUM").filter(|name| !name.is_empty());
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let in_path = |name: &str| {
        let places: Vec<_> = std::env::split_paths(&folders)
            .map(|folder| folder.join(name))
            .collect();
        places.into_iter().find(|place| place.is_file())
    };
    let found = match &demanded {
        Some(name) if PathBuf::from(name).is_file() => Some(PathBuf::from(name)),
        _ => NAMES.iter().find_map(|name| in_path(name)),
    };
    assert!(
        found.is_some() || demanded.is_none(),
        "Chromium is demanded (DUVOSCRIPT_CHROMIUM), and there is none; `.ci/chromium` installs it"
    );
    if found.is_none() {
        println!("skipped: there is no Chromium here; `.ci/chromium` installs it");
    }
    found
}

impl Seen {
    /// Opens a browser; `None` where there is none and none is demanded.
    pub(crate) async fn open() -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        let config = BrowserConfig::builder()
            .chrome_executable(executable()?)
            .new_headless_mode()
            .user_data_dir(profile.path())
            // In a container, Chromium has no right to a sandbox of its own.
            .no_sandbox()
            .args(["--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"])
            .viewport(None)
            .window_size(1280, 900)
            .launch_timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let (browser, mut events) = Browser::launch(config).await.unwrap();
        tokio::spawn(async move { while events.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await.unwrap();
        page.enable_log().await.unwrap();
        let complaints = Arc::new(Mutex::new(Vec::new()));
        listen(&page, &complaints).await;
        Some(Self {
            page,
            complaints,
            is_plain: AtomicBool::new(false),
            browser,
            _profile: profile,
        })
    }

    /// Goes to an address, and waits until the page is there.
    pub(crate) async fn go(&self, url: &str) {
        self.page.goto(url).await.unwrap();
    }

    /// Returns what an expression comes to.
    pub(crate) async fn value<T: serde::de::DeserializeOwned>(&self, expression: &str) -> T {
        let result = self.page.evaluate(expression).await;
        result
            .unwrap_or_else(|fault| panic!("{expression}: {fault}"))
            .into_value()
            .unwrap()
    }

    /// Returns the text of the page as people see it.
    pub(crate) async fn text(&self) -> String {
        self.value("document.body.innerText").await
    }

    /// Waits until an expression is true.
    pub(crate) async fn until(&self, expression: &str) {
        for _ in 0..400 {
            // While a page is left for another, nothing can be asked.
            if let Ok(result) = self.page.evaluate(expression).await
                && result.into_value().unwrap_or(false)
            {
                return;
            }
            pause().await;
        }
        panic!("it never became true: {expression}\n{}", self.text().await);
    }

    /// Clicks what a selector finds.
    pub(crate) async fn click(&self, selector: &str) {
        if self.is_plain.load(Ordering::Relaxed) {
            let click = format!("document.querySelector({selector:?}).click() ?? true");
            return assert!(self.value::<bool>(&click).await);
        }
        let found = self.page.find_element(selector).await;
        let element = found.unwrap_or_else(|fault| panic!("{selector}: {fault}"));
        element.click().await.unwrap();
    }

    /// Clicks what leads to another page, and waits for that.
    pub(crate) async fn follow(&self, selector: &str) {
        self.value::<String>("document.documentElement.dataset.left = 'yes'")
            .await;
        self.click(selector).await;
        self.until("document.readyState === 'complete' && !document.documentElement.dataset.left")
            .await;
    }

    /// Types into what a selector finds.
    pub(crate) async fn write(&self, selector: &str, text: &str) {
        if self.is_plain.load(Ordering::Relaxed) {
            let write = format!("document.querySelector({selector:?}).value = {text:?}");
            return assert_eq!(self.value::<String>(&write).await, text);
        }
        let element = self.page.find_element(selector).await.unwrap();
        element.click().await.unwrap().type_str(text).await.unwrap();
    }

    /// Presses a key.
    pub(crate) async fn press(&self, key: &str) {
        let body = self.page.find_element("body").await.unwrap();
        body.press_key(key).await.unwrap();
    }

    /// Turns scripts of pages off.
    pub(crate) async fn without_scripts(&self) {
        let off = SetScriptExecutionDisabledParams::new(true);
        self.page.execute(off).await.unwrap();
        self.is_plain.store(true, Ordering::Relaxed);
    }

    /// Makes the window as wide as that of a phone, or of a desk.
    pub(crate) async fn wide(&self, width: i64, height: i64) {
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, width < 600);
        self.page.execute(size).await.unwrap();
    }

    /// Prefers dark or light.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let feature = MediaFeature::new("prefers-color-scheme", scheme);
        self.page
            .emulate_media_features(vec![feature])
            .await
            .unwrap();
    }

    /// Keeps a picture of the page in `target/tmp`.
    pub(crate) async fn picture(&self, name: &str) {
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{name}.png"));
        let whole = ScreenshotParams::builder().full_page(true).build();
        self.page.save_screenshot(whole, file).await.unwrap();
    }

    /// Ends the browser; what it complains of when the daemon goes does not matter.
    pub(crate) async fn close_unheard(mut self) {
        self.browser.close().await.unwrap();
        self.browser.wait().await.unwrap();
    }

    /// Ends the browser, which must have had nothing to complain of.
    pub(crate) async fn close(mut self) {
        self.browser.close().await.unwrap();
        self.browser.wait().await.unwrap();
        let complaints = self.complaints.lock().unwrap().clone();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

/// Notes what the browser complains of: exceptions, errors, and breaches of the page's policy.
async fn listen(page: &Page, complaints: &Arc<Mutex<Vec<String>>>) {
    let mut thrown = page.event_listener::<EventExceptionThrown>().await.unwrap();
    let mut entries = page.event_listener::<EventEntryAdded>().await.unwrap();
    let mut calls = page
        .event_listener::<EventConsoleApiCalled>()
        .await
        .unwrap();
    let complaints = Arc::clone(complaints);
    tokio::spawn(async move {
        loop {
            let complaint = tokio::select! {
                Some(event) = thrown.next() => format!("{:?}", event.exception_details),
                Some(event) = entries.next() => {
                    format!("{:?}: {} {:?}", event.entry.level, event.entry.text, event.entry.url)
                }
                Some(event) = calls.next() => format!("{:?}: {:?}", event.r#type, event.args),
                else => return,
            };
            complaints.lock().unwrap().push(complaint);
        }
    });
}

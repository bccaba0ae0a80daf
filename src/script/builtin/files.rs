//! `files`: files of the project, and their way to and from the API's signed URLs.
//!
//! The Host decides which paths are inside the project, and which URLs were given to this run.

use rhai::{Dynamic, ImmutableString};

use super::Builtin;
use super::arguments::{bytes, text};
use super::charset::{read_bytes, read_file};
use super::options::Options;
use crate::script::door::{Door, Raise};
use crate::script::host::Effect;

/// The builtins of this topic.
pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "files::read",
        params: &["file: String", "options?: #{ encoding: String }"],
        returns: "String",
        doc: "Returns the text of a project file. It must be UTF-8, or what the option `encoding` \
              names, such as `windows-1252`; a byte order mark is left out. Fails when the file is \
              not there, is outside the project, or is not in that encoding.",
        examples: &[(
            "files::write(\"note.txt\", \"hi\"); files::read(\"note.txt\")",
            "\"hi\"",
        )],
        run: read,
    },
    Builtin {
        name: "files::read_bytes",
        params: &["file: String"],
        returns: "Blob",
        doc: "Returns the bytes of a project file. Fails when it is not there, or is outside the \
              project.",
        examples: &[(
            "files::write(\"a.bin\", \"abc\"); files::read_bytes(\"a.bin\").len()",
            "3",
        )],
        run: read_blob,
    },
    Builtin {
        name: "files::write",
        params: &["file: String", "content: String|Blob"],
        returns: "()",
        doc: "Writes a project file whole, in place of what it held. Text is written as UTF-8. \
              Fails when the path is outside the project.",
        examples: &[("files::write(\"note.txt\", \"hi\")", "null")],
        run: |door, args| write(door, args, false),
    },
    Builtin {
        name: "files::append",
        params: &["file: String", "content: String|Blob"],
        returns: "()",
        doc: "Adds to the end of a project file, which is made when it is not there. \
              Text is written as UTF-8. Fails when the path is outside the project.",
        examples: &[(
            "files::append(\"b.txt\", \"a\"); files::append(\"b.txt\", \"b\"); files::read(\"b.txt\")",
            "\"ab\"",
        )],
        run: |door, args| write(door, args, true),
    },
    Builtin {
        name: "files::upload",
        params: &[
            "file: String",
            "url: String",
            "options?: #{ content_type: String }",
        ],
        returns: "()",
        doc: "Puts a project file to a signed URL that the API gave to this run. \
              The option `content_type` must be what the URL was made for; left out, it follows \
              from the file's extension. Fails when the URL was not given to this run.",
        examples: &[(
            "files::upload(\"a.pdf\", \"https://storage.example/signed\")",
            "null",
        )],
        run: upload,
    },
    Builtin {
        name: "files::download",
        params: &["url: String", "file: String"],
        returns: "int",
        doc: "Gets a signed URL that the API gave to this run, into a project file, and returns the \
              number of bytes. Fails when the URL was not given to this run.",
        examples: &[(
            "files::download(\"https://storage.example/signed\", \"a.pdf\")",
            "17",
        )],
        run: download,
    },
    Builtin {
        name: "files::content_type",
        params: &["file: String"],
        returns: "String",
        doc: "Returns the media type that a file's extension stands for, without looking at the \
              file. Unknown ones are `application/octet-stream`.",
        examples: &[(
            "files::content_type(\"in/Report.PDF\")",
            "\"application/pdf\"",
        )],
        run: content_type,
    },
];

fn read(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?;
    let options = Options::read(door, args, 1)?;
    Ok(read_file(door, &file, &options)?.into())
}

fn read_blob(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?;
    Ok(Dynamic::from_blob(read_bytes(door, &file)?))
}

fn write(door: &Door<'_>, args: &[&mut Dynamic], append: bool) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?.to_string();
    let content = bytes(door, args, 1, "content")?;
    door.value(Effect::WriteFile {
        file,
        content,
        append,
    })
}

fn upload(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let file = path(door, args, 0)?.to_string();
    let url = text(door, args, 1, "url")?.to_string();
    let options = Options::read(door, args, 2)?;
    let content_type = match options.text("content_type")? {
        Some(content_type) => content_type.to_string(),
        None => guess(&file).to_owned(),
    };
    door.value(Effect::Upload {
        file,
        url,
        content_type,
    })
}

fn download(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    let url = text(door, args, 0, "url")?.to_string();
    let file = path(door, args, 1)?.to_string();
    door.value(Effect::Download { url, file })
}

fn content_type(door: &Door<'_>, args: &mut [&mut Dynamic]) -> Result<Dynamic, Raise> {
    Ok(guess(&text(door, args, 0, "file")?).into())
}

fn guess(file: &str) -> &'static str {
    let guess = mime_guess::from_path(file).first_raw();
    guess.unwrap_or("application/octet-stream")
}

/// Reads the argument `file`; whether it is inside the project is for the Host to say.
pub(super) fn path(
    door: &Door<'_>,
    args: &[&mut Dynamic],
    at: usize,
) -> Result<ImmutableString, Raise> {
    let file = text(door, args, at, "file")?;
    if file.trim().is_empty() {
        return Err(door.invalid("`file` is empty"));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{FakeHost, run_on};

    #[test]
    fn bytes_stay_bytes_and_types_follow_from_the_name() {
        let host = FakeHost::new();
        host.put("a.bin", &[0, 255]);
        run_on(
            &host,
            "files::write(\"b.bin\", files::read_bytes(\"a.bin\"))",
        )
        .unwrap();
        let fault = run_on(&host, "files::read(\"b.bin\")").unwrap_err();
        assert!(
            fault.starts_with("files::read: `b.bin` is not UTF-8 in line 1"),
            "{fault}"
        );
        run_on(&host, "files::upload(\"x.csv\", \"u\")").unwrap();
        run_on(
            &host,
            "files::upload(\"x.csv\", \"u\", #{ content_type: \"a/b\" })",
        )
        .unwrap();
        let seen = host.seen.lock().unwrap().join(" ");
        assert!(seen.contains("content_type: \"text/csv\""), "{seen}");
        assert!(seen.contains("content_type: \"a/b\""), "{seen}");
    }

    #[test]
    fn a_missing_file_can_be_caught() {
        let code = "try { files::read(\"no.txt\") } catch (e) { return `${e.kind} ${e.endpoint}` }";
        assert_eq!(
            run_on(&FakeHost::new(), code),
            Ok("not_found files::read".into())
        );
    }
}

//! Events as requests of a `.http` file, which editors send: one after the other, `###` between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::Event;
use crate::model::Target;
use crate::view::har::place;
use crate::view::http::Message;
use crate::view::lines::EventLine;
use crate::view::safe;
use crate::view::safe::is_hidden;

/// What a line begins with that tells of the event more than a request can.
const MARK: &str = "# whk ";

/// The event as one request of the file. What the form has no words for, such as bytes that are no text, stands in a
/// comment in front, so that the event is read back as it was.
#[must_use]
pub fn as_http_file(event: &Event, to: &Target) -> String {
    let line = EventLine::from(event);
    let mut mark =
        json!({"id": line.id, "app": line.app, "event_type": line.event_type, "received_at": line.received_at});
    if let (Some(verdict), Some(mark)) = (&line.verdict, mark.as_object_mut()) {
        mark.insert("verdict".to_owned(), json!(verdict));
    }
    let plain = entry(&line, &Message::captured(event, to), &mark, line.body.unwrap_or_default());
    let wanted = json!({"headers": line.headers, "body_b64": line.body_b64});
    let read = entries_of_http_file(&plain).unwrap_or_default();
    let is_whole =
        |read: &Map<String, Value>| ["headers", "body_b64"].iter().all(|name| read.get(*name) == wanted.get(*name));
    if is_plain(&plain) && matches!(read.as_slice(), [one] if is_whole(one)) {
        return plain;
    }
    if let (Some(mark), Value::Object(wanted)) = (mark.as_object_mut(), wanted) {
        mark.extend(wanted);
    }
    let shown = line.headers.iter().filter(|(name, _)| !name.starts_with('#'));
    let shown = shown.map(|(name, value)| (name.clone(), safe(value))).collect();
    let shown = EventLine { headers: shown, ..line };
    let note = format!("(the body, {} bytes, is in the comment)", event.request.body.len());
    entry(&shown, &Message::captured(event, to), &mark, &note)
}

/// Whether the text may be printed anywhere.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

fn entry(line: &EventLine<'_>, message: &Message<'_>, mark: &Value, body: &str) -> String {
    let mark = crate::view::line(mark).unwrap_or_default();
    let mut text = format!("### {} {}\n{MARK}{mark}\n", safe(line.event_type), line.id);
    text.push_str(&format!("{} {} HTTP/1.1\n", line.method, message.url()));
    for (name, value) in &line.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push('\n');
    text.push_str(body);
    text.push_str("\n\n");
    text
}

/// The fields of an event line for each request of the file; what a file of somebody else does not say is left out.
///
/// # Errors
/// If a request cannot be read; says which.
pub fn entries_of_http_file(text: &str) -> Result<Vec<Map<String, Value>>, String> {
    let (mut all, mut rest, mut number) = (Vec::new(), text, 0);
    while !rest.is_empty() {
        let end = next_mark(rest);
        let (block, after) = rest.split_at(end);
        number += 1;
        all.extend(fields(block).map_err(|why| format!("request {number}: {why}"))?);
        let line = after.find('\n').map_or(after.len(), |end| end + 1);
        rest = after.get(line..).unwrap_or_default();
    }
    Ok(all)
}

/// Where the next line begins that stands between two requests.
fn next_mark(text: &str) -> usize {
    if text.starts_with("###") { 0 } else { text.find("\n###").map_or(text.len(), |place| place + 1) }
}

/// Takes a line, without its end, off the front.
fn line<'a>(rest: &mut &'a str) -> Option<&'a str> {
    if rest.is_empty() {
        return None;
    }
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    *rest = after;
    Some(line.strip_suffix('\r').unwrap_or(line))
}

fn fields(block: &str) -> Result<Option<Map<String, Value>>, String> {
    let (mut rest, mut mark) = (block, None);
    let first = loop {
        let Some(line) = line(&mut rest) else { return Ok(None) };
        if let Some(text) = line.strip_prefix(MARK) {
            mark =
                Some(serde_json::from_str(text).map_err(|why| format!("its comment of whk's cannot be read: {why}"))?);
        } else if !(line.trim().is_empty() || line.starts_with('#') || line.starts_with("//")) {
            break line;
        }
    };
    let is_own = mark.is_some();
    let mark: Map<String, Value> = mark.unwrap_or_default();
    let words: Vec<_> = first.split_whitespace().collect();
    let (method, url) = match words.as_slice() {
        [url] => ("GET", *url),
        [method, url, ..] => (*method, *url),
        [] => return Err("it has no request line".to_owned()),
    };
    let mut headers = Vec::new();
    while let Some(line) = line(&mut rest).filter(|line| !line.trim().is_empty()) {
        if line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| format!("\"{line}\" is no header"))?;
        headers.push(json!([name.trim(), value.trim_matches([' ', '\t'])]));
    }
    let body = if is_own { own_body(rest) } else { rest.trim_end_matches(['\r', '\n']) };
    let app = mark.get("app").and_then(Value::as_str).map(str::to_owned);
    let (path, query) = place(url, app.as_deref());
    let mut fields = Map::new();
    for (name, value) in [("method", method), ("path", path), ("query", query), ("body_b64", &STANDARD.encode(body))] {
        fields.insert(name.to_owned(), json!(value));
    }
    fields.insert("headers".to_owned(), Value::Array(headers));
    fields.extend(mark);
    Ok(Some(fields))
}

/// The two line feeds that are written behind a body are not part of it.
fn own_body(rest: &str) -> &str {
    let body = rest.strip_suffix('\n').unwrap_or(rest);
    body.strip_suffix('\n').unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventId;
    use crate::view::event_from_json;
    use proptest::prelude::*;

    fn event(fields: &str) -> Event {
        event_from_json(&format!("{{\"id\":\"{}\",{fields}}}", EventId::from_bytes([5; 20]))).unwrap()
    }

    fn there_and_back(event: &Event) -> (String, Event) {
        let text = as_http_file(event, &"4400".parse().unwrap()).repeat(2);
        let read = entries_of_http_file(&text).unwrap();
        assert_eq!(read.len(), 2, "{text}");
        (text, event_from_json(&serde_json::to_string(&read[1]).unwrap()).unwrap())
    }

    #[test]
    fn a_usual_event_is_a_request_that_editors_send() {
        let one = event(
            r#""app":"a","event_type":"t","path":"/p","query":"q=1","headers":[["Content-Type","application/json"]],"body":"{\"a\":1}\n""#,
        );
        let (text, again) = there_and_back(&one);
        assert_eq!(again, one);
        let shown =
            "POST http://localhost:4400/in/a/p?q=1 HTTP/1.1\nContent-Type: application/json\n\n{\"a\":1}\n\n\n###";
        assert!(text.contains(shown) && !text.contains("body_b64"), "{text}");
    }

    #[test]
    fn a_file_that_somebody_wrote_is_read() {
        let text = "@host = x\n".replace("@host = x\n", "")
            + "# a comment\r\nPOST https://h.example/hook?a=1\r\nContent-Type: text/plain\r\n\r\nhello\r\n\r\n###\n\n### two\nhttps://h.example\n";
        let read = entries_of_http_file(&text).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            r#"[{"method":"POST","path":"/hook","query":"a=1","body_b64":"aGVsbG8=","headers":[["Content-Type","text/plain"]]},{"method":"GET","path":"","query":"","body_b64":"","headers":[]}]"#
        );
        assert!(entries_of_http_file("POST /x\nno header\n").unwrap_err().contains("request 1"));
        assert!(entries_of_http_file("# whk {\nPOST /x\n").is_err());
    }

    proptest! {
        #[test]
        fn every_event_is_read_back(
            body in prop_oneof![any::<Vec<u8>>(), "[#\n\r a/{}]{0,20}".prop_map(String::into_bytes)],
            headers in prop::collection::vec(("[#A-Za-z/-]{1,6}", prop::collection::vec(0x20_u8..=0xff, 0..8)), 0..4),
        ) {
            let mut one = event(r#""path":"/p""#);
            one.request.body = body.into();
            for (name, value) in headers {
                let Some(name) = Some(name.replace('/', "")).filter(|name| !name.is_empty()) else { continue };
                let value: Vec<u8> = value.into_iter().filter(|b| *b != 0x7f).collect();
                one.request.headers.push(name, value.trim_ascii()).unwrap();
            }
            prop_assert_eq!(there_and_back(&one).1, one);
        }

        #[test]
        fn no_file_breaks_the_reader(text in "[#\\PC\n]{0,60}") {
            let _ = entries_of_http_file(&text);
        }
    }
}

//! A broker that speaks just enough of Kafka's protocol to refuse every password. A mock cluster knows no
//! SASL, and a real one takes seconds to start.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

const SASL_HANDSHAKE: i16 = 17;
const API_VERSIONS: i16 = 18;
const SASL_AUTHENTICATE: i16 = 36;
const SASL_AUTHENTICATION_FAILED: i16 = 58;
const UNSUPPORTED_VERSION: i16 = 35;

/// Listens until the test process ends; says where.
pub(crate) fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    while let Some((api, version, correlation)) = request(&mut stream) {
        let mut body = correlation.to_vec();
        body.extend(answer(api, version));
        let length = (body.len() as u32).to_be_bytes();
        if stream.write_all(&[&length[..], &body[..]].concat()).is_err() {
            return;
        }
    }
}

/// Which call, in which version, with which correlation id; the rest is of no interest.
fn request(stream: &mut TcpStream) -> Option<(i16, i16, [u8; 4])> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).ok()?;
    let number = |at: usize| i16::from_be_bytes([body[at], body[at + 1]]);
    Some((number(0), number(2), body[4..8].try_into().unwrap()))
}

fn answer(api: i16, version: i16) -> Vec<u8> {
    match (api, version) {
        (API_VERSIONS, _) => {
            let error = if version == 0 { 0 } else { UNSUPPORTED_VERSION };
            let apis = [[3, 0, 4], [SASL_HANDSHAKE, 0, 1], [API_VERSIONS, 0, 0], [SASL_AUTHENTICATE, 0, 0]];
            let mut body = numbers(&[error, 0, apis.len() as i16]);
            body.extend(apis.iter().flat_map(|api| numbers(api)));
            body
        }
        (SASL_HANDSHAKE, _) => [numbers(&[0, 0, 1, 5]), b"PLAIN".to_vec()].concat(),
        (SASL_AUTHENTICATE, _) => {
            let words = b"Authentication failed: Invalid username or password";
            let failed = numbers(&[SASL_AUTHENTICATION_FAILED, words.len() as i16]);
            // No token.
            [failed, words.to_vec(), vec![0; 4]].concat()
        }
        _ => Vec::new(),
    }
}

fn numbers(numbers: &[i16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

//! Real servers in front of a marketplace: nginx and tinyproxy.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use super::folder::Folder;
use super::reserved_port::ReservedPort;
use super::skipped::without;

/// A server that runs until it is dropped.
pub struct Front {
    process: Child,
    port: ReservedPort,
    rest: Option<JoinHandle<String>>,
    _folder: Folder,
}

impl Front {
    /// Starts nginx with this in its `server` block, where `PORT` is replaced by its port, `FOLDER` for one that has
    /// `cert.pem` and `key.pem`, for 127.0.0.1. `None`, said loudly, where nginx is not installed.
    pub fn nginx(server: &str) -> Option<Front> {
        let program = find("nginx", "I3_REQUIRE_NGINX")?;
        let (folder, port) = (Folder::new(), ReservedPort::new());
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".into()]).unwrap();
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let server = match server.contains("listen") {
            true => server.to_owned(),
            false => format!("listen 127.0.0.1:PORT;\n{server}"),
        };
        let server =
            server.replace("PORT", &port.number().to_string()).replace("FOLDER", &folder.display().to_string());
        let text = format!(
            "daemon off; master_process off; pid n.pid; error_log stderr notice; events {{}}\n\
             http {{ access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;\n\
             scgi_temp_path t5; server {{ {server} }} }}"
        );
        std::fs::write(folder.join("nginx.conf"), text).unwrap();
        let mut command = Command::new(program);
        command.args(["-c", "nginx.conf", "-p"]).arg(format!("{}/", folder.display()));
        Some(Front::start(command, "nginx/", folder, port))
    }

    /// Starts tinyproxy with these further lines of its file, where `FOLDER` has what `files` holds.
    pub fn tinyproxy(more: &str, files: &[(&str, &str)]) -> Option<Front> {
        let program = find("tinyproxy", "I3_REQUIRE_TINYPROXY")?;
        let (folder, port) = (Folder::new(), ReservedPort::new());
        for (name, content) in files {
            std::fs::write(folder.join(name), content).unwrap();
        }
        let more = more.replace("FOLDER", &folder.display().to_string());
        let text = format!("Port {}\nListen 127.0.0.1\nTimeout 30\nLogLevel Info\n{more}\n", port.number());
        std::fs::write(folder.join("proxy.conf"), text).unwrap();
        let mut command = Command::new(program);
        command.args(["-d", "-c"]).arg(folder.join("proxy.conf"));
        Some(Front::start(command, "Accepting connections", folder, port))
    }

    fn start(mut command: Command, ready: &str, folder: Folder, port: ReservedPort) -> Front {
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
        let process = command.spawn().unwrap();
        // Its ends of the pipe are the process's alone.
        drop(command);
        let (mut log, mut said) = (BufReader::new(reader), String::new());
        while !said.contains(ready) && log.read_line(&mut said).unwrap() > 0 {}
        assert!(said.contains(ready), "{said}");
        let rest = std::thread::spawn(move || {
            while log.read_line(&mut said).is_ok_and(|read| read > 0) {}
            said
        });
        Front { process, port, rest: Some(rest), _folder: folder }
    }

    pub fn port(&self) -> u16 {
        self.port.number()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Ends it, and gives all that it has logged.
    pub fn log(mut self) -> String {
        self.end();
        self.rest.take().unwrap().join().unwrap()
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.end();
    }
}

fn find(name: &str, variable: &str) -> Option<std::path::PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    if found.is_none() {
        without(variable, name, "this was not tried with a real one");
    }
    found
}

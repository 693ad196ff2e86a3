use std::{
    future::Future,
    net::{SocketAddr, TcpListener as StdListener},
    pin::Pin,
};

use tokio::{net::TcpListener, sync::Mutex};

use crate::server::{Server, Stop};

type Serve = Box<dyn Fn(TcpListener, Stop) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// An embedded server that tests can take away and give back.
pub struct Switch {
    /// Stays open while the server is away, so that nobody else gets the port.
    listener: StdListener,
    address: SocketAddr,
    serve: Serve,
    state: Mutex<State>,
}

struct State {
    available: bool,
    server: Option<Server>,
}

impl Switch {
    /// Serves on a free loopback port.
    pub(crate) fn start<F>(serve: impl Fn(TcpListener, Stop) -> F + Send + Sync + 'static) -> std::io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = StdListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let switch = Self {
            address: listener.local_addr()?,
            listener,
            serve: Box::new(move |listener, stop| Box::pin(serve(listener, stop))),
            state: Mutex::new(State { available: true, server: None }),
        };
        let server = switch.server(true)?;
        switch.state.try_lock().map_err(std::io::Error::other)?.server = Some(server);
        Ok(switch)
    }

    /// Where the server is: `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes the server away (every connection is closed unanswered) or gives it back, with all of its data.
    ///
    /// Returns when the change has taken place. Requests that were being answered are answered first.
    pub async fn set_available(&self, available: bool) -> std::io::Result<()> {
        let mut state = self.state.lock().await;
        if state.available == available {
            return Ok(());
        }
        if let Some(server) = state.server.take() {
            server.stop().await;
        }
        state.server = Some(self.server(available)?);
        state.available = available;
        Ok(())
    }

    /// Stops for good.
    pub(crate) async fn stop(self) {
        if let Some(server) = self.state.into_inner().server {
            server.stop().await;
        }
    }

    fn server(&self, available: bool) -> std::io::Result<Server> {
        let listener = TcpListener::from_std(self.listener.try_clone()?)?;
        Ok(Server::spawn(
            |stop| if available { (self.serve)(listener, stop) } else { Box::pin(refuse(listener, stop)) },
        ))
    }
}

async fn refuse(listener: TcpListener, stop: Stop) {
    let mut stop = std::pin::pin!(stop.requested());
    loop {
        tokio::select! {
            accepted = listener.accept() => drop(accepted),
            () = &mut stop => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    async fn answer(switch: &Switch) -> String {
        let mut stream = TcpStream::connect(switch.address).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    #[tokio::test]
    async fn a_server_can_be_taken_away_and_given_back_on_the_same_port() {
        let switch = Switch::start(async |listener, stop: Stop| {
            let mut stop = std::pin::pin!(stop.requested());
            loop {
                tokio::select! {
                    Ok((mut stream, _)) = listener.accept() => stream.write_all(b"here").await.unwrap(),
                    () = &mut stop => return,
                }
            }
        });
        let switch = switch.unwrap();
        assert_eq!(answer(&switch).await, "here");
        switch.set_available(false).await.unwrap();
        assert_eq!(answer(&switch).await, "");
        switch.set_available(true).await.unwrap();
        assert_eq!(answer(&switch).await, "here");
    }
}

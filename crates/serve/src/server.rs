//! The server from its address to its end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};
use tokio_rustls::TlsAcceptor;

use crate::connections::{self, Connections};
use crate::shared::Shared;
use crate::watch::Watch;
use crate::{Error, Result, ServeConfig, routes};

/// A server that has its address. Clients can connect, and are answered once it [runs](Server::run).
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    config: ServeConfig,
    stop: watch::Sender<bool>,
}

/// Stops a server, from any thread.
#[derive(Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Asks the server to stop: running requests are answered, new connections are not accepted.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// Takes the address; port 0 is any free one. The models are loaded later.
    ///
    /// # Errors
    /// If the address is taken, the certificate cannot be used, there is no model, or two have one name.
    pub fn bind(address: SocketAddr, config: ServeConfig) -> Result<Self> {
        let tls = config.certificate.as_ref().map(|certificate| certificate.acceptor()).transpose()?;
        let refused = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let shared = Arc::new(Shared::start(&config)?);
        Ok(Self { listener, address, tls, shared, config, stop: watch::Sender::new(false) })
    }

    /// The address with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.stop.clone())
    }

    /// Loads the models and answers until the server is stopped. Meanwhile it is alive and not ready.
    ///
    /// # Errors
    /// If a model cannot be loaded for the first time, or the system gives no threads.
    pub fn run(self) -> Result<()> {
        let runtime = Builder::new_multi_thread().enable_all().thread_name("serve").build();
        let runtime = runtime.map_err(Error::Threads)?;
        let (loaded, _end) = self.watch()?;
        let outcome = runtime.block_on(self.serve(loaded));
        end(runtime);
        outcome
    }

    /// Loads the models and watches their folders on a thread of its own, until the sender is dropped; tells
    /// how the first loading went.
    fn watch(&self) -> Result<(oneshot::Receiver<assort_pipeline::Result<()>>, Sender<()>)> {
        let ((tell, loaded), (end, ended)) = (oneshot::channel(), channel());
        let (shared, integrity, device) =
            (self.shared.clone(), self.config.integrity, self.config.device.clone());
        let interval = self.config.watch;
        let work = move || match Watch::begin(shared, integrity, device) {
            Ok(watch) => {
                let _ = tell.send(Ok(()));
                watch.go_on(interval, &ended);
            }
            // Where the server has stopped already, nobody asks.
            Err(error) => drop(tell.send(Err(error))),
        };
        std::thread::Builder::new().name("watch".into()).spawn(work).map_err(Error::Threads)?;
        Ok((loaded, end))
    }

    async fn serve(self, loaded: oneshot::Receiver<assort_pipeline::Result<()>>) -> Result<()> {
        let refused = |source| Error::Listen { address: self.address, source };
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(refused)?;
        let router = routes::router(self.shared.clone());
        let mut stop = self.stop.subscribe();
        let connections = Connections::new(self.shared.clone(), router, self.tls);
        let accepting = connections::accept(listener, &connections);
        let failed = async {
            match loaded.await {
                Ok(Err(error)) => error,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            never = accepting => match never {},
            error = failed => return Err(error.into()),
            _ = stop.wait_for(|stop| *stop) => {}
        }
        self.shared.begin_to_stop();
        tracing::info!("stopping");
        connections.finish().await;
        Ok(())
    }
}

/// Ends the runtime; connections that are still open are cut.
fn end(runtime: Runtime) {
    runtime.shutdown_timeout(Duration::from_secs(1));
}

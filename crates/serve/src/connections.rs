//! Connections: how many there are, how long each may take, and how they end.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use crate::Limits;
use crate::shared::Shared;

/// How long accepting rests when the system gives no further connection, as when all file descriptors are
/// taken.
const REST: Duration = Duration::from_millis(50);

/// All that a connection needs, and the count of them.
pub struct Connections {
    shared: Arc<Shared>,
    router: Router,
    tls: Option<TlsAcceptor>,
    places: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

impl Connections {
    pub fn new(shared: Arc<Shared>, router: Router, tls: Option<TlsAcceptor>) -> Self {
        let places = Arc::new(Semaphore::new(shared.limits.connections.min(Semaphore::MAX_PERMITS)));
        Self { shared, router, tls, places, graceful: GracefulShutdown::new() }
    }

    /// Waits until all requests are answered, or their time is over.
    pub async fn finish(self) {
        let time = self.shared.limits.stop_time;
        if timeout(time, self.graceful.shutdown()).await.is_err() {
            tracing::warn!(seconds = time.as_secs_f64(), "some requests were not answered in time");
        }
    }
}

/// Accepts connections for ever. That the system gives none is told once, until it gives some again.
pub async fn accept(listener: TcpListener, connections: &Connections) -> Infallible {
    let mut is_told = false;
    loop {
        let Ok(place) = connections.places.clone().acquire_owned().await else {
            // Nobody closes it.
            std::future::pending().await
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // A client that has left already is nobody's fault.
                if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
                {
                    if !is_told {
                        tracing::warn!(error = error.to_string(), "cannot accept connections");
                    }
                    is_told = true;
                    sleep(REST).await;
                }
                continue;
            }
        };
        is_told = false;
        let (shared, router) = (connections.shared.clone(), connections.router.clone());
        let (tls, watcher) = (connections.tls.clone(), connections.graceful.watcher());
        tokio::spawn(async move {
            shared.metrics.connections.inc();
            open(stream, &shared.limits, router, tls, watcher).await;
            shared.metrics.connections.dec();
            drop(place);
        });
    }
}

async fn open(
    stream: TcpStream,
    limits: &Limits,
    router: Router,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
) {
    // It makes answers come sooner; without, they come all the same.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.send_time));
    let stream = Box::pin(stream);
    match tls {
        None => converse(stream, limits, router, watcher).await,
        // What is no TLS, or too slow, is closed.
        Some(tls) => match timeout(limits.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => converse(stream, limits, router, watcher).await,
            Ok(Err(error)) => tracing::debug!(error = error.to_string(), "no TLS"),
            Err(_) => {}
        },
    }
}

/// Answers the requests of a connection until it is closed.
async fn converse<S>(stream: S, limits: &Limits, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let is_heard = Arc::new(AtomicBool::new(false));
    let (heard, service) = (is_heard.clone(), TowerToHyperService::new(router));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        service.call(request)
    });
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.idle_time);
    let connection = watcher.watch(builder.serve_connection(TokioIo::new(stream), service));
    let silent = async {
        sleep(limits.head_time).await;
        if is_heard.load(Ordering::Relaxed) {
            std::future::pending().await
        }
    };
    let connection: Pin<&mut _> = std::pin::pin!(connection);
    tokio::select! {
        // A client that leaves in the middle is nobody's fault.
        _ = connection => {}
        () = silent => {}
    }
}

//! throwaway
use std::time::Instant;
#[tokio::main]
async fn main() {
    for i in 0..20 {
        let t = Instant::now();
        let s = local::Stack::start(local::Options::default()).await.unwrap();
        let e = t.elapsed();
        if i % 5 == 0 {
            std::println!("start {e:?} {}", s.url());
        }
        let t = Instant::now();
        if i % 2 == 0 {
            s.stop().await;
            std::println!("stop {:?}", t.elapsed());
        }
    }
    // faults
    let s = local::Stack::start(local::Options::default()).await.unwrap();
    s.dynamodb().unwrap().set_available(false).await.unwrap();
    let t = Instant::now();
    s.run_schedules().await;
    std::println!("unavailable run {:?}", t.elapsed());
    s.dynamodb().unwrap().set_available(true).await.unwrap();
    s.advance(5).await.unwrap();
    s.s3().unwrap().set_available(false).await.unwrap();
    s.sms().unwrap().set_available(false).await.unwrap();
    s.stop().await;
    let p = std::path::PathBuf::from("/tmp/probe-disk");
    let o = local::Options { storage: local::Storage::Disk(p.clone()), ..Default::default() };
    for _ in 0..3 {
        let t = Instant::now();
        let s = local::Stack::start(o.clone()).await.unwrap();
        std::println!("disk start {:?}", t.elapsed());
        std::println!("{}", local::Stack::start(o.clone()).await.err().unwrap());
        s.stop().await;
    }
}

//! The packages that Saya knows.

/// A package on each line: its name, version, size in KiB, the packages that it needs, the programs that it holds (name
/// and id, or a path with the file's text left out).
pub(super) const ALPINE: &str = "\
bash 5.2.37-r0 1400 ncurses-terminfo-base,libncursesw,readline bash=bash
bind-libs 9.20.15-r0 3200 -
bind-tools 9.20.15-r0 800 fstrm,krb5-libs,json-c,nghttp2-libs,protobuf-c,userspace-rcu,libuv,xz-libs,libxml2,bind-libs dig,host,nslookup,delv=not-simulated
brotli-libs 1.1.0-r2 900 -
busybox-extras 1.37.0-r19 110 - telnet,ftpget=not-simulated
c-ares 1.34.5-r0 200 -
ca-certificates 20250911-r0 700 -
curl 8.14.1-r2 500 ca-certificates,brotli-libs,c-ares,libunistring,libidn2,nghttp2-libs,libpsl,zstd-libs,libcurl curl
fstrm 0.6.1-r4 40 -
iproute2 6.15.0-r0 1200 - ip,ss
iputils 20240905-r0 200 - ping
jq 1.8.0-r0 1000 - jq
json-c 0.18-r1 90 -
krb5-libs 1.21.3-r0 2300 -
kubectl 1.33.1-r3 55000 - kubectl=kubectl
libcurl 8.14.1-r2 700 -
libgcc 14.2.0-r6 150 -
libidn2 2.3.7-r0 250 -
libncursesw 6.5_p20250503-r0 400 -
libpq 17.6-r0 400 -
libpsl 0.21.5-r3 100 -
libstdc++ 14.2.0-r6 2800 -
libunistring 1.3-r0 1800 -
libuv 1.51.0-r0 200 -
libxml2 2.13.9-r0 1200 -
lz4-libs 1.10.0-r0 120 -
mariadb-client 11.4.8-r0 25000 mariadb-common,libgcc,ncurses-terminfo-base,libncursesw,libstdc++ mysql=mysql,mariadb=mysql,mysqladmin=mysql,mariadb-admin=mysql,mysqldump=mysql,mariadb-dump=mysql
mariadb-common 11.4.8-r0 20 -
mariadb-connector-c 3.3.10-r0 600 - /usr/lib/mariadb/plugin/caching_sha2_password.so
mariadb-connector-c-dev 3.3.10-r0 500 mariadb-connector-c -
mysql-client 11.4.8-r0 10 mariadb-client mysql=mysql,mysqladmin=mysql,mysqldump=mysql
ncurses-terminfo-base 6.5_p20250503-r0 200 -
netcat-openbsd 1.229.1-r0 60 - nc
nghttp2-libs 1.65.0-r0 180 -
nmap 7.97-r0 5600 libgcc,libstdc++ nmap=not-simulated
openssl 3.5.4-r0 1100 - openssl
postgresql-client 17-r0 10 postgresql17-client -
postgresql17-client 17.6-r0 3200 libpq,lz4-libs,zstd-libs psql=psql,pg_isready=psql
procps 4.0.4-r3 900 - ps,free,top,uptime,watch,pgrep,pkill
protobuf-c 1.5.2-r0 60 -
readline 8.2.13-r1 300 -
redis 8.0.4-r0 2900 - redis-cli=redis-cli,redis-server=redis-server
tcpdump 4.99.5-r1 1300 - tcpdump=not-simulated
userspace-rcu 0.15.2-r0 200 -
vim 9.1.1566-r0 4600 - vim
wget 1.25.0-r1 700 - wget
xz-libs 5.8.1-r0 200 -
zstd-libs 1.5.7-r0 640 -";
pub(super) const DEBIAN: &str = "\
bind9-dnsutils 9.18.41-1~deb12u1 580 bind9-libs,bind9-host dig,nslookup,nsupdate=not-simulated
bind9-host 9.18.41-1~deb12u1 420 bind9-libs host
bind9-libs 9.18.41-1~deb12u1 3700 -
ca-certificates 20230311+deb12u1 380 -
curl 7.88.1-10+deb12u14 500 libcurl4 curl
default-mysql-client 1.1.0 30 mariadb-client -
dnsutils 9.18.41-1~deb12u1 280 bind9-dnsutils -
git 2.39.5-0+deb12u2 40000 - git=not-simulated
gnupg 2.2.40-1.1+deb12u1 900 - gpg=not-simulated
iproute2 6.1.0-3 3400 libbpf1 ip,ss
iputils-ping 20221126-1+deb12u1 120 - ping
jq 1.6-2.1+deb12u1 120 - jq
less 590-2.1~deb12u2 320 - less
libbpf1 1.1.0-1 350 -
libcurl4 7.88.1-10+deb12u14 840 libnghttp2-14,libpsl5
libmariadb3 10.11.14-0+deb12u2 580 mariadb-common
libnghttp2-14 1.52.0-1+deb12u2 180 -
libpq5 15.14-0+deb12u1 800 -
libpsl5 0.21.2-1 90 -
mariadb-client 10.11.14-0+deb12u2 50000 libmariadb3,mariadb-client-core mysqldump=not-simulated
mariadb-client-core 10.11.14-0+deb12u2 6000 libmariadb3 mysql=mysql,mariadb=mysql,mysqladmin=mysql,mariadb-admin=mysql,mysqldump=mysql,mariadb-dump=mysql
mariadb-common 10.11.14-0+deb12u2 80 mysql-common
mysql-client 8.0.43-0ubuntu0.24.04.2 40 mysql-client-core -
mysql-client-core 8.0.43-0ubuntu0.24.04.2 30000 - mysql=mysql8,mysqladmin=mysql8,mysqldump=mysql8
mysql-common 5.8+1.1.0 40 -
nano 7.2-1+deb12u1 2900 - nano
net-tools 2.10-0.1+deb12u2 1000 - netstat,ifconfig,route,arp
netcat-openbsd 1.219-1 110 - nc
netcat-traditional 1.10-47 140 - nc
postgresql-client 15+248 70 postgresql-client-15 -
postgresql-client-15 15.14-0+deb12u1 8600 libpq5 psql=psql,pg_isready=psql
procps 4.0.2-3 1900 - ps,free,top,uptime,watch,pgrep,pkill
redis-tools 7.0.15-1~deb12u5 5600 - redis-cli=redis-cli
stress 1.0.7-1 60 - stress=stress
tcpdump 4.99.3-1 1300 - tcpdump=not-simulated
telnet 0.17+2.4-2+deb12u1 60 - telnet
traceroute 2.1.2-1 170 - traceroute
unzip 6.0-28 390 - unzip
vim 9.0.1378-2+deb12u2 3700 - vim
wget 1.21.3-1+deb12u1 3700 libpsl5 wget";

/// What is another version in Debian 13.
pub(super) const TRIXIE: &str = "\
bind9-dnsutils 1:9.20.15-1~deb13u1 480 bind9-libs,bind9-host dig,nslookup,nsupdate=not-simulated
bind9-host 1:9.20.15-1~deb13u1 200 bind9-libs host
bind9-libs 1:9.20.15-1~deb13u1 3700 -
ca-certificates 20250419 380 -
curl 8.14.1-2+deb13u2 520 libcurl4t64 curl
dnsutils 1:9.20.15-1~deb13u1 280 bind9-dnsutils -
git 1:2.47.3-0+deb13u1 50000 - git=not-simulated
gnupg 2.4.7-21+deb13u1 400 - gpg=not-simulated
iproute2 6.15.0-1 3700 libbpf1 ip,ss
iputils-ping 3:20240905-3 180 - ping
jq 1.7.1-6+deb13u1 120 - jq
less 668-1 350 - less
libbpf1 1:1.5.0-3 420 -
libcurl4t64 8.14.1-2+deb13u2 900 libnghttp2-14,libpsl5t64
libmariadb3 1:11.8.3-0+deb13u1 700 mariadb-common
libnghttp2-14 1.64.0-1.1 180 -
libpq5 17.6-0+deb13u1 900 -
libpsl5t64 0.21.2-1.1+b1 100 -
mariadb-client 1:11.8.3-0+deb13u1 52000 libmariadb3,mariadb-client-core mysqldump=not-simulated
mariadb-client-core 1:11.8.3-0+deb13u1 7000 libmariadb3 mysql=mysql,mariadb=mysql,mysqladmin=mysql,mariadb-admin=mysql,mysqldump=mysql,mariadb-dump=mysql
mariadb-common 1:11.8.3-0+deb13u1 80 mysql-common
nano 8.4-1 2900 - nano
net-tools 2.10-1.3 1000 - netstat,ifconfig,route,arp
netcat-openbsd 1.229-1 110 - nc
netcat-traditional 1.10-50 140 - nc
postgresql-client 17+278 20 postgresql-client-17 -
postgresql-client-17 17.6-0+deb13u1 9000 libpq5 psql=psql,pg_isready=psql
procps 2:4.0.4-9 2500 - ps,free,top,uptime,watch,pgrep,pkill
redis-tools 5:8.0.2-3 7000 - redis-cli=redis-cli
tcpdump 4.99.5-2 1300 - tcpdump=not-simulated
telnet 0.17+2.6-3 60 - telnet
traceroute 1:2.1.6-1 170 - traceroute
unzip 6.0-29 390 - unzip
vim 2:9.1.1230-2 4000 - vim
wget 1.25.0-2 3700 libpsl5t64 wget";

/// A line of a table.
#[derive(Clone, Copy)]
pub(super) struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub size: u64,
    pub needs: &'static str,
    pub holds: &'static str,
}

pub(super) fn find(table: &'static str, name: &str) -> Option<Package> {
    table.lines().find_map(|line| {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or("-");
        let found = Package {
            name: word(),
            version: word(),
            size: word().parse().unwrap_or(0),
            needs: word(),
            holds: word(),
        };
        (found.name == name).then_some(found)
    })
}

/// The words of a field; none of `-`.
pub(super) fn list(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(',').filter(|word| *word != "-")
}

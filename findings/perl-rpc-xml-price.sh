#!/usr/bin/env bash
# The text "1.10" is sent as 1.10000000000000008882.
#
# Debian 12: librpc-xml-perl 0.82-1 (RPC::XML), Perl 5.36.
#
# Guess: a Perl string in quotes goes out as <string>; if types are guessed, "1.10" becomes <double>1.10</double>.
# Seen: "1.10" goes out as <double>1.10000000000000008882</double>, the article number "1e5" as <double>100000.0</double>,
#   and "0012" as <int>0012</int>. Frontier and XMLRPC::Lite, which guess as well, send the digits they were given.
# Why: the guess is made from the look of the text, and doubles are printed with 20 places.
# Matters: prices land in a text column as 1.10000000000000008882, and a filter on the article number 1e5 looks for
#   100000.0. Wrap such values: RPC::XML::string->new("1.10").
. "$(dirname "$0")/common.sh"
apt-get download --quiet=2 librpc-xml-perl=0.82-1 > apt.log 2>&1 || { cat apt.log >&2; exit 2; }
dpkg-deb --extract librpc-xml-perl_*.deb unpacked

cat > look.pl <<'END'
use RPC::XML;
print join " ", map { RPC::XML::smart_encode($_)->as_string } "1.10", "1e5", "0012", "A-1";
END
same "1.10, 1e5, 0012, A-1" \
    "<double>1.10000000000000008882</double> <double>100000.0</double> <int>0012</int> <string>A-1</string>" \
    "$(PERL5LIB=unpacked/usr/share/perl5 perl look.pl)"

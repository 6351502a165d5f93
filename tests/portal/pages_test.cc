// SPDX-License-Identifier: Apache-2.0
// The ground that pages stand on: languages, texts, branding, cookies, and what a form must have.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <stdexcept>

#include "service/daemon/site.h"
#include "service/pages/page_host.h"
#include "service/portal/portal.h"
#include "service/portal/qr_picture.h"
#include "tests/fakes/fake_clock.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {
namespace {

TEST(Language, IsTheBestOfTheBrowsersList) {
  EXPECT_EQ(PreferredLanguage("").code, "en");
  EXPECT_EQ(PreferredLanguage("de-AT,en;q=0.8").code, "de");
  EXPECT_EQ(PreferredLanguage("en;q=0.3, fr;q=0.9").code, "fr");
  EXPECT_EQ(PreferredLanguage("pl, cs;q=0.9, es-MX;q=0.2").code, "es");
  EXPECT_EQ(PreferredLanguage("AR").code, "ar");
  EXPECT_EQ(PreferredLanguage("de;q=0").code, "en");
  EXPECT_EQ(PreferredLanguage("de;q=zzz,,;;=,*").code, "en");
  EXPECT_EQ(PreferredLanguage(std::string(100'000, ',')).code, "en");
}

TEST(Catalogue, AllPagesOfThePortalFitTogetherInEachLanguage) {
  const auto pages = PageSet::Make({PortalPageFiles()}, Branding{});
  ASSERT_TRUE(pages.ok()) << pages.error().detail;
  for (const Language& language : kLanguages) {
    for (const std::string& key : pages->catalogue().Keys()) {
      EXPECT_FALSE(pages->catalogue().Text(language, key).starts_with("[["));
    }
  }
}

TEST(Catalogue, RefusesALanguageThatLacksAText) {
  const std::string english = "a = one\nb = two\n";
  const std::string other = "a = one\n";
  std::vector<EmbeddedFile> files;
  const auto file = [](const char* name, const std::string& text) {
    return EmbeddedFile{name, reinterpret_cast<const unsigned char*>(text.data()), text.size()};
  };
  files.push_back(file("texts/en.txt", english));
  for (const char* name : {"texts/de.txt", "texts/fr.txt", "texts/es.txt", "texts/ar.txt"}) {
    files.push_back(file(name, other));
  }
  const auto made = Catalogue::Make({files});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().detail, "texts/de.txt: b is missing");
}

TEST(Branding, IsCheckedAndNeverMarkup) {
  test::ScratchFolder folder;
  folder.Write("brand.conf", "[brand]\nproduct_name = <b>Contoso</b>\naccent = #ffee00\n");
  const auto branding = LoadBranding(folder.File("brand.conf"), "SSPR Login");
  ASSERT_TRUE(branding.ok()) << branding.error().detail;
  EXPECT_EQ(branding->product_name, "<b>Contoso</b>");
  for (const char* const bad :
       {"accent = red", "accent = #12345", "help_url = javascript:alert(1)", "nonsense = 1",
        "help_url = https://x/\"onclick=", "logo_file = /etc/passwd", "product_name = "}) {
    folder.Write("brand.conf", std::string("[brand]\n") + bad + "\n");
    EXPECT_FALSE(LoadBranding(folder.File("brand.conf"), "SSPR Login").ok()) << bad;
  }
}

int Channel(const std::string& colour, std::size_t at) {
  return std::stoi(colour.substr(at, 2), nullptr, 16);
}

double Luminance(const std::string& colour) {
  const auto linear = [](int channel) {
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(Channel(colour, 1)) + 0.7152 * linear(Channel(colour, 3)) +
         0.0722 * linear(Channel(colour, 5));
}

double Contrast(const std::string& one, const std::string& other) {
  const double a = Luminance(one);
  const double b = Luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

TEST(Branding, EveryAccentIsReadableOnBothGrounds) {
  for (const char* const accent :
       {"#ffee00", "#000000", "#ffffff", "#2f5bd7", "#00ff00", "#808080"}) {
    Branding branding;
    branding.accent = accent;
    const std::string style = BrandStyle(branding);
    std::vector<std::string> values;
    for (std::size_t at = style.find(":#"); at != std::string::npos;
         at = style.find(":#", at + 1)) {
      values.push_back(style.substr(at + 1, 7));
    }
    ASSERT_EQ(values.size(), 4U) << style;
    EXPECT_GE(Contrast(values[0], "#edf0f5"), 4.5) << accent;
    EXPECT_GE(Contrast(values[0], values[1]), 4.5) << accent;
    EXPECT_GE(Contrast(values[2], "#262b36"), 4.5) << accent;
    EXPECT_GE(Contrast(values[2], values[3]), 4.5) << accent;
  }
}

TEST(Site, GoesByWholeSegmentsOnly) {
  const auto answer = [](int status) {
    return [status](const HttpRequestView&) {
      return HttpReply{.status = status, .headers = {}, .body = {}};
    };
  };
  Site site(answer(404));
  site.Add("/t/portal", answer(200));
  site.Add("/t/portal/deep", answer(201));
  const auto status = [&site](const char* path) {
    HttpRequestView request;
    request.path = path;
    return site.Handle(request).status;
  };
  EXPECT_EQ(status("/t/portal"), 200);
  EXPECT_EQ(status("/t/portal/x"), 200);
  EXPECT_EQ(status("/t/portal/deep/x"), 201);
  for (const char* const other :
       {"/t/portals", "/t/portal%2f", "/T/portal", "//t/portal", "/t/./portal", "/t", ""}) {
    EXPECT_EQ(status(other), 404) << other;
  }
}

class Host : public ::testing::Test {
 protected:
  Host() {
    const std::string path = folder_.File("secrets.key");
    EXPECT_TRUE(ServiceKeys::Create(path, random_).ok());
    auto keys = ServiceKeys::Load(path);
    keys_.emplace(std::move(*keys));
    auto pages = PageSet::Make({PortalPageFiles()}, Branding{});
    pages_.emplace(std::move(*pages));
    host_.emplace(PageHostSettings{"https://sso.example.org/t", "/portal", "sspr-portal", "c"},
                  *pages_, *keys_, random_, clock_, Api::Log());
    host_->OnGet("", [this](Visit& visit) {
      token_ = host_->FormToken(visit);
      return host_->Page(visit, "sign_in", MakeObject());
    });
    host_->OnPost("/change", [this](Visit& visit, const Form&) {
      ++changes_;
      return host_->Go(visit, "");
    });
    const HttpReply reply = Send("GET", "", {}, "");
    for (const auto& [name, value] : reply.headers) {
      if (name == "Set-Cookie") cookie_ = value.substr(0, value.find(';'));
    }
  }

  HttpReply Send(const char* method, const std::string& path,
                 std::vector<std::pair<std::string_view, std::string_view>> headers,
                 const std::string& body) {
    const std::string full = "/t/portal" + path;
    HttpRequestView request;
    request.method = method;
    request.path = full;
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    request.body = body;
    request.address = "127.0.0.1";
    return host_->Handle(request);
  }

  test::ScratchFolder folder_;
  SystemRandom random_;
  FakeClock clock_;
  std::optional<ServiceKeys> keys_;
  std::optional<PageSet> pages_;
  std::optional<PageHost> host_;
  std::string token_;
  std::string cookie_;
  int changes_ = 0;
};

TEST_F(Host, TakesAFormOnlyFromItsOwnPage) {
  const std::string body = "form_token=" + token_;
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;
  const Headers good = {{"cookie", cookie_}, {"sec-fetch-site", "same-origin"}};
  EXPECT_EQ(Send("POST", "/change", good, body).status, 303);
  EXPECT_EQ(changes_, 1);
  const Headers older = {{"cookie", cookie_}, {"origin", "https://sso.example.org"}};
  EXPECT_EQ(Send("POST", "/change", older, body).status, 303);
  EXPECT_EQ(changes_, 2);

  const std::vector<Headers> foreign = {
      {{"cookie", cookie_}},
      {{"sec-fetch-site", "same-origin"}},
      {{"cookie", cookie_}, {"sec-fetch-site", "cross-site"}},
      {{"cookie", cookie_}, {"sec-fetch-site", "same-site"}},
      {{"cookie", cookie_}, {"sec-fetch-site", "none"}},
      {{"cookie", cookie_}, {"origin", "null"}},
      {{"cookie", cookie_}, {"origin", "https://sso.example.org.evil.example"}},
      {{"cookie", cookie_}, {"origin", "http://sso.example.org"}},
      {{"cookie", cookie_}, {"origin", "https://evil.example"}, {"sec-fetch-site", "same-origin"}},
  };
  for (const Headers& headers : foreign) {
    EXPECT_EQ(Send("POST", "/change", headers, body).status, 403);
  }
  for (const std::string& wrong :
       {std::string(), std::string("form_token="), "form_token=" + std::string(64, '0'), token_}) {
    const int status = Send("POST", "/change", good, wrong).status;
    EXPECT_TRUE(status == 403 || status == 400) << wrong;
  }
  EXPECT_EQ(Send("POST", "/change", good, body + "&" + body).status, 400);
  EXPECT_EQ(Send("GET", "/change", good, body).status, 405);
  EXPECT_EQ(changes_, 2);
}

TEST_F(Host, SaysWhomToTurnTo) {
  EXPECT_EQ(Send("GET", "", {}, "").body.find("4711"), std::string::npos);
  host_->SetHelpDesk([] {
    return HelpDesk{.text = "Call <b>4711</b> & wait", .url = "https://help.example.org/?a=1&b=2"};
  });
  const std::string body = Send("GET", "", {}, "").body;
  EXPECT_NE(body.find("Call &lt;b&gt;4711&lt;/b&gt; &amp; wait"), std::string::npos) << body;
  EXPECT_NE(body.find("href=\"https://help.example.org/?a=1&amp;b=2\""), std::string::npos);
  host_->SetHelpDesk([]() -> HelpDesk { throw std::runtime_error("the database is away"); });
  EXPECT_EQ(Send("GET", "", {}, "").status, 200);
}

TEST_F(Host, AnswersNothingButItsRoutes) {
  for (const char* const path :
       {"/x", "/change/", "/change/x", "//", "/../portal", "/assets/", "/assets/../texts/en.txt",
        "/assets/pages.css", "/CHANGE", "/change%00", "/language/x"}) {
    EXPECT_EQ(Send("GET", path, {}, "").status, 404) << path;
  }
  EXPECT_EQ(Send("GET", "/assets/" + pages_->AssetName("pages.css"), {}, "").status, 200);
  EXPECT_EQ(Send("POST", "/assets/" + pages_->AssetName("pages.css"), {}, "").status, 404);
}

TEST_F(Host, SetsOneCookieThatNoScriptAndNoOtherSiteGets) {
  const HttpReply reply = Send("GET", "", {}, "");
  int cookies = 0;
  for (const auto& [name, value] : reply.headers) {
    if (name != "Set-Cookie") continue;
    ++cookies;
    EXPECT_TRUE(value.starts_with("__Host-sspr-visitor="));
    EXPECT_TRUE(value.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"));
  }
  EXPECT_EQ(cookies, 1);
}

TEST_F(Host, TakesACookieThatIsThereTwiceForNone) {
  HttpRequestView request;
  const std::string twice = cookie_ + "; " + cookie_;
  request.headers = {{"Cookie", twice}};
  EXPECT_FALSE(CookieOf(request, "__Host-sspr-visitor").has_value());
  request.headers = {{"Cookie", cookie_}};
  EXPECT_TRUE(CookieOf(request, "__Host-sspr-visitor").has_value());
}

TEST(QrPicture, HoldsNoMarkupOfTheText) {
  const std::string svg = QrPicture("otpauth://totp/a\"><script>", "x\"><script>");
  EXPECT_NE(svg.find("<path"), std::string::npos);
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_TRUE(QrPicture(std::string(5000, 'x'), "x").empty());
}

}  // namespace
}  // namespace sspr::service

// SPDX-License-Identifier: Apache-2.0
// Draws the tile in a window, as far as a tile says how it looks: which fields, in which order, of
// which kind, with which words. Three stages of one reset stand side by side; the layout is this
// program's, not LogonUI's. tile_window FILE: writes FILE once all is drawn, and stays.
#include <algorithm>
#include <fstream>

#include "tests/windows/logon_ui.h"

namespace sspr::test {
namespace {

constexpr int kPanelWidth = 330;
constexpr int kPanelHeight = 470;
constexpr int kMargin = 16;
constexpr COLORREF kGround = RGB(24, 44, 66);

struct Drawn {
  const FieldEntry* entry;
  std::wstring words;
  std::vector<std::wstring> choices;
};
using Panel = std::vector<Drawn>;

class Painter final : public LogonUi {
 public:
  void TestBody() override {}

  std::vector<Panel> Play() {
    SetUp();
    Script(
        "begin\ninfo We have to know that it is you.\n"
        "choose How do you want to prove it?|A code by e-mail to a***@example.org|"
        "The code of your authenticator app\nanswer\n"
        "info At least 12 characters, not your name, none of your last 5 passwords.\n"
        "ask-hidden New password\nanswer\n");
    Show({kAlice});
    Select(0);
    std::vector<Panel> panels;
    for (const FieldEntry& entry : FieldTable()) {
      LPWSTR text = nullptr;
      if (SUCCEEDED(tile->GetStringValue(Id(entry.field), &text))) {
        screen.strings[Id(entry.field)] = text;
        CoTaskMemFree(text);
      }
    }
    panels.push_back(Take());
    Click(Field::kLink);
    Submit();
    panels.push_back(Take());
    Submit();
    panels.push_back(Take());
    tile->GetBitmapValue(Id(Field::kLogo), &logo_);
    TearDown();
    return panels;
  }
  HBITMAP logo() const { return logo_; }

 private:
  Panel Take() {
    Panel panel;
    for (const FieldEntry& entry : FieldTable()) {
      if (!Sees(entry.field)) continue;
      panel.push_back({&entry, Text(entry.field), screen.choices});
    }
    return panel;
  }

  HBITMAP logo_ = nullptr;
};

HWND Child(HWND parent, const wchar_t* type, const wchar_t* words, DWORD style, RECT at) {
  return CreateWindowExW(0, type, words, WS_CHILD | WS_VISIBLE | style, at.left, at.top,
                         at.right - at.left, at.bottom - at.top, parent, nullptr, nullptr, nullptr);
}

int HeightOf(const std::wstring& words, int width) {
  const HDC screen = GetDC(nullptr);
  RECT place{0, 0, width, 0};
  DrawTextW(screen, words.c_str(), -1, &place, DT_CALCRECT | DT_WORDBREAK);
  ReleaseDC(nullptr, screen);
  return place.bottom + 6;
}

void Draw(HWND window, const Panel& panel, int left, HBITMAP logo) {
  const int width = kPanelWidth - 2 * kMargin;
  int top = kMargin;
  for (const Drawn& field : panel) {
    int height = 26;
    RECT at{left + kMargin, top, left + kMargin + width, top + height};
    const wchar_t* words = field.words.c_str();
    switch (field.entry->type) {
      case CPFT_TILE_IMAGE: {
        height = 130;
        at.bottom = top + height;
        const HWND image = Child(window, L"STATIC", L"", SS_BITMAP, at);
        SendMessageW(image, STM_SETIMAGE, IMAGE_BITMAP, reinterpret_cast<LPARAM>(logo));
        break;
      }
      case CPFT_LARGE_TEXT:
      case CPFT_SMALL_TEXT:
        if (field.words.empty()) continue;
        height = HeightOf(field.words, width);
        at.bottom = top + height;
        Child(window, L"STATIC", words, 0, at);
        break;
      case CPFT_EDIT_TEXT:
        Child(window, L"EDIT", words, WS_BORDER, at);
        break;
      case CPFT_PASSWORD_TEXT:
        Child(window, L"EDIT", L"********", WS_BORDER | ES_PASSWORD, at);
        break;
      case CPFT_COMBOBOX: {
        at.bottom = top + 200;
        const HWND list = Child(window, L"COMBOBOX", L"", CBS_DROPDOWNLIST, at);
        for (const std::wstring& one : field.choices) {
          SendMessageW(list, CB_ADDSTRING, 0, reinterpret_cast<LPARAM>(one.c_str()));
        }
        SendMessageW(list, CB_SETCURSEL, 0, 0);
        break;
      }
      case CPFT_SUBMIT_BUTTON:
        at.right = at.left + 40;
        Child(window, L"BUTTON", L"\x2192", 0, at);
        break;
      case CPFT_COMMAND_LINK:
        Child(window, L"BUTTON", words, BS_FLAT | BS_LEFT, at);
        break;
      case CPFT_CHECKBOX:
      case CPFT_INVALID:
        break;
    }
    top += height + 8;
  }
}

LRESULT CALLBACK OnMessage(HWND window, UINT message, WPARAM word, LPARAM more) {
  if (message == WM_CTLCOLORSTATIC) {
    SetTextColor(reinterpret_cast<HDC>(word), RGB(255, 255, 255));
    SetBkColor(reinterpret_cast<HDC>(word), kGround);
    static const HBRUSH brush = CreateSolidBrush(kGround);
    return reinterpret_cast<LRESULT>(brush);
  }
  if (message == WM_DESTROY) PostQuitMessage(0);
  return DefWindowProcW(window, message, word, more);
}

int Run(const char* marker) {
  Painter painter;
  const std::vector<Panel> panels = painter.Play();
  WNDCLASSW type{};
  type.lpfnWndProc = OnMessage;
  type.lpszClassName = L"SsprTile";
  type.hbrBackground = CreateSolidBrush(kGround);
  RegisterClassW(&type);
  const HWND window = CreateWindowExW(0, L"SsprTile", L"SSPR Login", WS_POPUP | WS_VISIBLE, 0, 0,
                                      kPanelWidth * static_cast<int>(panels.size()), kPanelHeight,
                                      nullptr, nullptr, nullptr, nullptr);
  int left = 0;
  for (const Panel& panel : panels) {
    Draw(window, panel, left, painter.logo());
    left += kPanelWidth;
  }
  UpdateWindow(window);
  SetTimer(window, 1, 500, nullptr);
  MSG message{};
  while (GetMessageW(&message, nullptr, 0, 0) > 0) {
    // The first tick comes when nothing is left to draw.
    if (message.message == WM_TIMER) std::ofstream(marker) << panels.size();
    TranslateMessage(&message);
    DispatchMessageW(&message);
  }
  return 0;
}

}  // namespace
}  // namespace sspr::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return argc == 2 ? sspr::test::Run(argv[1]) : 2;
}

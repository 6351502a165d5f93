// SPDX-License-Identifier: Apache-2.0
// The doors of sspr_credprov.dll: the class factory, and when we may be unloaded. The installer
// registers the class; the DLL never registers itself.
#include <atomic>
#include <new>

#include "credprov_win/dll/credential_provider.h"
#include "credprov_win/dll/module.h"
#include "credprov_win/dll/provider.h"
#include "credprov_win/dll/registry.h"

namespace sspr {
namespace {

std::atomic<long> living{0};
// Beside the DLL, by their full paths: nothing is ever searched for. Set before any other code
// runs.
wchar_t helper_program[MAX_PATH] = {};
wchar_t setpw_program[MAX_PATH] = {};

template <std::size_t Size>
void FindBeside(HINSTANCE dll, const wchar_t (&program)[Size], wchar_t (&out)[MAX_PATH]) noexcept {
  const DWORD length = GetModuleFileNameW(dll, out, MAX_PATH);
  DWORD name = length;
  while (name > 0 && out[name - 1] != L'\\') --name;
  if (name == 0 || length >= MAX_PATH || name + Size > MAX_PATH) {
    out[0] = 0;
    return;
  }
  for (const wchar_t c : program) out[name++] = c;
}

class Factory final : public IClassFactory {
 public:
  STDMETHODIMP QueryInterface(REFIID iid, void** object) noexcept override {
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    if (iid != IID_IUnknown && iid != IID_IClassFactory) return E_NOINTERFACE;
    *object = static_cast<IClassFactory*>(this);
    AddRef();
    return S_OK;
  }
  STDMETHODIMP_(ULONG) AddRef() noexcept override { return ++references_; }
  STDMETHODIMP_(ULONG) Release() noexcept override {
    const ULONG left = --references_;
    if (left == 0) delete this;
    return left;
  }
  STDMETHODIMP CreateInstance(IUnknown* outer, REFIID iid, void** object) noexcept override {
    if (object == nullptr) return E_POINTER;
    *object = nullptr;
    if (outer != nullptr) return CLASS_E_NOAGGREGATION;
    Provider* provider = Provider::Make();
    if (provider == nullptr) return E_OUTOFMEMORY;
    const HRESULT found = provider->QueryInterface(iid, object);
    provider->Release();
    return found;
  }
  STDMETHODIMP LockServer(BOOL lock) noexcept override {
    lock ? ++living : --living;
    return S_OK;
  }

 private:
  ~Factory() = default;
  const ModuleLock module_;
  std::atomic<ULONG> references_{1};
};

}  // namespace

ModuleLock::ModuleLock() noexcept { ++living; }
ModuleLock::~ModuleLock() { --living; }

const wchar_t* HelperProgram() noexcept { return helper_program; }
const wchar_t* SetpwProgram() noexcept { return setpw_program; }

}  // namespace sspr

extern "C" {

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void*) {
  if (reason == DLL_PROCESS_ATTACH) {
    DisableThreadLibraryCalls(dll);
    sspr::FindBeside(dll, L"sspr-flow.exe", sspr::helper_program);
    sspr::FindBeside(dll, L"sspr-setpw.exe", sspr::setpw_program);
  }
  return TRUE;
}

// Switched off by policy, or after starts that did not end well: then we are simply not there.
STDAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void** object) {
  if (object == nullptr) return E_POINTER;
  *object = nullptr;
  if (clsid != sspr::kProviderClass) return CLASS_E_CLASSNOTAVAILABLE;
  if (sspr::PolicyNumber(L"Disabled", 0) != 0 || !sspr::CountStart()) {
    return CLASS_E_CLASSNOTAVAILABLE;
  }
  auto* factory = new (std::nothrow) sspr::Factory();
  if (factory == nullptr) return E_OUTOFMEMORY;
  const HRESULT found = factory->QueryInterface(iid, object);
  factory->Release();
  return found;
}

STDAPI DllCanUnloadNow() { return sspr::living == 0 ? S_OK : S_FALSE; }
}

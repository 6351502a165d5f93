// SPDX-License-Identifier: Apache-2.0
// The interfaces between LogonUI and a credential provider, as Microsoft documents them
// (learn.microsoft.com, credentialprovider.h): MinGW-w64 10 has no header of them.
#pragma once
#pragma GCC system_header

#include <windows.h>
// After windows.h.
#include <ntsecapi.h>
#include <objbase.h>
#include <propsys.h>
#include <unknwn.h>

enum CREDENTIAL_PROVIDER_USAGE_SCENARIO {
  CPUS_INVALID = 0,
  CPUS_LOGON,
  CPUS_UNLOCK_WORKSTATION,
  CPUS_CHANGE_PASSWORD,
  CPUS_CREDUI,
  CPUS_PLAP
};

enum CREDENTIAL_PROVIDER_FIELD_TYPE {
  CPFT_INVALID = 0,
  CPFT_LARGE_TEXT,
  CPFT_SMALL_TEXT,
  CPFT_COMMAND_LINK,
  CPFT_EDIT_TEXT,
  CPFT_PASSWORD_TEXT,
  CPFT_TILE_IMAGE,
  CPFT_CHECKBOX,
  CPFT_COMBOBOX,
  CPFT_SUBMIT_BUTTON
};

enum CREDENTIAL_PROVIDER_FIELD_STATE {
  CPFS_HIDDEN = 0,
  CPFS_DISPLAY_IN_SELECTED_TILE,
  CPFS_DISPLAY_IN_DESELECTED_TILE,
  CPFS_DISPLAY_IN_BOTH
};

enum CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE {
  CPFIS_NONE = 0,
  CPFIS_READONLY,
  CPFIS_DISABLED,
  CPFIS_FOCUSED
};

enum CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE {
  CPGSR_NO_CREDENTIAL_NOT_FINISHED = 0,
  CPGSR_NO_CREDENTIAL_FINISHED,
  CPGSR_RETURN_CREDENTIAL_FINISHED,
  CPGSR_RETURN_NO_CREDENTIAL_FINISHED
};

enum CREDENTIAL_PROVIDER_STATUS_ICON { CPSI_NONE = 0, CPSI_ERROR, CPSI_WARNING, CPSI_SUCCESS };

enum CREDENTIAL_PROVIDER_CREDENTIAL_FIELD_OPTIONS { CPCFO_NONE = 0 };

enum CREDENTIAL_PROVIDER_ACCOUNT_OPTIONS { CPAO_NONE = 0, CPAO_EMPTY_LOCAL, CPAO_EMPTY_CONNECTED };

struct CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR {
  DWORD dwFieldID;
  CREDENTIAL_PROVIDER_FIELD_TYPE cpft;
  LPWSTR pszLabel;
  GUID guidFieldType;
};

struct CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION {
  ULONG ulAuthenticationPackage;
  GUID clsidCredentialProvider;
  ULONG cbSerialization;
  byte* rgbSerialization;
};

inline constexpr DWORD CREDENTIAL_PROVIDER_NO_DEFAULT = 0xFFFFFFFF;

struct ICredentialProviderCredential;

struct ICredentialProviderEvents : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE CredentialsChanged(UINT_PTR context) = 0;
};

struct ICredentialProviderCredentialEvents : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE SetFieldState(ICredentialProviderCredential* credential,
                                                  DWORD field,
                                                  CREDENTIAL_PROVIDER_FIELD_STATE state) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  SetFieldInteractiveState(ICredentialProviderCredential* credential, DWORD field,
                           CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE state) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetFieldString(ICredentialProviderCredential* credential,
                                                   DWORD field, LPCWSTR text) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetFieldCheckbox(ICredentialProviderCredential* credential,
                                                     DWORD field, BOOL checked, LPCWSTR label) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetFieldBitmap(ICredentialProviderCredential* credential,
                                                   DWORD field, HBITMAP bitmap) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetFieldComboBoxSelectedItem(
      ICredentialProviderCredential* credential, DWORD field, DWORD item) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  DeleteFieldComboBoxItem(ICredentialProviderCredential* credential, DWORD field, DWORD item) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  AppendFieldComboBoxItem(ICredentialProviderCredential* credential, DWORD field, LPCWSTR text) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetFieldSubmitButton(ICredentialProviderCredential* credential,
                                                         DWORD field, DWORD adjacent_to) = 0;
  virtual HRESULT STDMETHODCALLTYPE OnCreatingWindow(HWND* owner) = 0;
};

struct ICredentialProviderCredentialEvents2 : public ICredentialProviderCredentialEvents {
  virtual HRESULT STDMETHODCALLTYPE BeginFieldUpdates() = 0;
  virtual HRESULT STDMETHODCALLTYPE EndFieldUpdates() = 0;
  virtual HRESULT STDMETHODCALLTYPE
  SetFieldOptions(ICredentialProviderCredential* credential, DWORD field,
                  CREDENTIAL_PROVIDER_CREDENTIAL_FIELD_OPTIONS options) = 0;
};

struct ICredentialProviderCredential : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE Advise(ICredentialProviderCredentialEvents* events) = 0;
  virtual HRESULT STDMETHODCALLTYPE UnAdvise() = 0;
  virtual HRESULT STDMETHODCALLTYPE SetSelected(BOOL* auto_logon) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetDeselected() = 0;
  virtual HRESULT STDMETHODCALLTYPE
  GetFieldState(DWORD field, CREDENTIAL_PROVIDER_FIELD_STATE* state,
                CREDENTIAL_PROVIDER_FIELD_INTERACTIVE_STATE* interactive) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetStringValue(DWORD field, LPWSTR* text) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetBitmapValue(DWORD field, HBITMAP* bitmap) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCheckboxValue(DWORD field, BOOL* checked, LPWSTR* label) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetSubmitButtonValue(DWORD field, DWORD* adjacent_to) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetComboBoxValueCount(DWORD field, DWORD* items,
                                                          DWORD* selected) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetComboBoxValueAt(DWORD field, DWORD item, LPWSTR* text) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetStringValue(DWORD field, LPCWSTR text) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetCheckboxValue(DWORD field, BOOL checked) = 0;
  virtual HRESULT STDMETHODCALLTYPE SetComboBoxSelectedValue(DWORD field, DWORD selected) = 0;
  virtual HRESULT STDMETHODCALLTYPE CommandLinkClicked(DWORD field) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  GetSerialization(CREDENTIAL_PROVIDER_GET_SERIALIZATION_RESPONSE* response,
                   CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization, LPWSTR* status_text,
                   CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) = 0;
  virtual HRESULT STDMETHODCALLTYPE ReportResult(NTSTATUS status, NTSTATUS substatus,
                                                 LPWSTR* status_text,
                                                 CREDENTIAL_PROVIDER_STATUS_ICON* status_icon) = 0;
};

struct ICredentialProviderCredential2 : public ICredentialProviderCredential {
  virtual HRESULT STDMETHODCALLTYPE GetUserSid(LPWSTR* sid) = 0;
};

struct IQueryContinueWithStatus : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE QueryContinue() = 0;  // of IQueryContinue
  virtual HRESULT STDMETHODCALLTYPE SetStatusMessage(LPCWSTR text) = 0;
};

struct IConnectableCredentialProviderCredential : public ICredentialProviderCredential {
  virtual HRESULT STDMETHODCALLTYPE Connect(IQueryContinueWithStatus* query) = 0;
  virtual HRESULT STDMETHODCALLTYPE Disconnect() = 0;
};

struct ICredentialProvider : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE SetUsageScenario(CREDENTIAL_PROVIDER_USAGE_SCENARIO scenario,
                                                     DWORD flags) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  SetSerialization(const CREDENTIAL_PROVIDER_CREDENTIAL_SERIALIZATION* serialization) = 0;
  virtual HRESULT STDMETHODCALLTYPE Advise(ICredentialProviderEvents* events, UINT_PTR context) = 0;
  virtual HRESULT STDMETHODCALLTYPE UnAdvise() = 0;
  virtual HRESULT STDMETHODCALLTYPE GetFieldDescriptorCount(DWORD* count) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  GetFieldDescriptorAt(DWORD index, CREDENTIAL_PROVIDER_FIELD_DESCRIPTOR** descriptor) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCredentialCount(DWORD* count, DWORD* default_credential,
                                                       BOOL* auto_logon) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCredentialAt(DWORD index,
                                                    ICredentialProviderCredential** credential) = 0;
};

struct ICredentialProviderUser : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE GetSid(LPWSTR* sid) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetProviderID(GUID* provider) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetStringValue(REFPROPERTYKEY key, LPWSTR* text) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetValue(REFPROPERTYKEY key, PROPVARIANT* value) = 0;
};

struct ICredentialProviderUserArray : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE SetProviderFilter(REFGUID provider) = 0;
  virtual HRESULT STDMETHODCALLTYPE
  GetAccountOptions(CREDENTIAL_PROVIDER_ACCOUNT_OPTIONS* options) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetCount(DWORD* count) = 0;
  virtual HRESULT STDMETHODCALLTYPE GetAt(DWORD index, ICredentialProviderUser** user) = 0;
};

struct ICredentialProviderSetUserArray : public IUnknown {
  virtual HRESULT STDMETHODCALLTYPE SetUserArray(ICredentialProviderUserArray* users) = 0;
};

__CRT_UUID_DECL(ICredentialProviderEvents, 0x34201e5a, 0xa787, 0x41a3, 0xa5, 0xa4, 0xbd, 0x6d, 0xcf,
                0x2a, 0x85, 0x4e)
__CRT_UUID_DECL(ICredentialProviderCredentialEvents, 0xfa6fa76b, 0x66b7, 0x4b11, 0x95, 0xf1, 0x86,
                0x17, 0x11, 0x18, 0xe8, 0x16)
__CRT_UUID_DECL(ICredentialProviderCredentialEvents2, 0xb53c00b6, 0x9922, 0x4b78, 0xb1, 0xf4, 0xdd,
                0xfe, 0x77, 0x4d, 0xc3, 0x9b)
__CRT_UUID_DECL(ICredentialProviderCredential, 0x63913a93, 0x40c1, 0x481a, 0x81, 0x8d, 0x40, 0x72,
                0xff, 0x8c, 0x70, 0xcc)
__CRT_UUID_DECL(ICredentialProviderCredential2, 0xfd672c54, 0x40ea, 0x4d6e, 0x9b, 0x49, 0xcf, 0xb1,
                0xa7, 0x50, 0x7b, 0xd7)
__CRT_UUID_DECL(IQueryContinueWithStatus, 0x9090be5b, 0x502b, 0x41fb, 0xbc, 0xcc, 0x00, 0x49, 0xa6,
                0xc7, 0x25, 0x4b)
__CRT_UUID_DECL(IConnectableCredentialProviderCredential, 0x9387928b, 0xac75, 0x4bf9, 0x8a, 0xb2,
                0x2b, 0x93, 0xc4, 0xa5, 0x52, 0x90)
__CRT_UUID_DECL(ICredentialProvider, 0xd27c3481, 0x5a1c, 0x45b2, 0x8a, 0xaa, 0xc2, 0x0e, 0xbb, 0xe8,
                0x22, 0x9e)
__CRT_UUID_DECL(ICredentialProviderUser, 0x13793285, 0x3ea6, 0x40fd, 0xb4, 0x20, 0x15, 0xf4, 0x7d,
                0xa4, 0x1f, 0xbb)
__CRT_UUID_DECL(ICredentialProviderUserArray, 0x90c119ae, 0x0f18, 0x4520, 0xa1, 0xf1, 0x11, 0x43,
                0x66, 0xa4, 0x0f, 0xe8)
__CRT_UUID_DECL(ICredentialProviderSetUserArray, 0x095c1484, 0x1c0c, 0x4388, 0x9c, 0x6d, 0x50, 0x0e,
                0x61, 0xbf, 0x84, 0xbd)

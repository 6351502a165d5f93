// SPDX-License-Identifier: Apache-2.0
// Spanish. Each sentence says what to do next; prompts and labels are one line.
#include "common/client/texts_tables.h"

namespace sspr {

const TextTable kSpanishTexts = {{
    {TextId::kNone, ""},
    {TextId::kIntro,
     "Ahora puede poner una contraseña nueva. Demuestra quién es con su correo electrónico o su "
     "aplicación de autenticación."},
    {TextId::kAskConfirm,
     "¿Restablecer la contraseña de {0}? Pulse Intro para seguir, o escriba n para volver: "},
    {TextId::kAskConfirmOrUnlock,
     "¿Restablecer la contraseña de {0}? Pulse Intro para seguir, o escriba u para "
     "solo desbloquear la cuenta, n para volver: "},
    {TextId::kLockedOut,
     "Esta cuenta está bloqueada por ahora, porque se escribió demasiadas veces una "
     "contraseña incorrecta."},
    {TextId::kAskUnlockOrReset, "¿Qué quiere hacer?"},
    {TextId::kLabelUnlock, "Desbloquearla y conservar mi contraseña"},
    {TextId::kLabelReset, "Poner una contraseña nueva"},
    {TextId::kCannotUnlock,
     "Aquí una cuenta solo se desbloquea con una contraseña nueva. Pulse Intro para "
     "ponerla."},
    {TextId::kContacting, "Conectando con el {product}. Un momento, por favor."},
    {TextId::kAskMethod, "¿Cómo quiere demostrar quién es?"},
    {TextId::kAskSecondMethod, "Hace falta una prueba más. ¿Cómo quiere darla?"},
    {TextId::kLabelEmail, "Un código por correo a {0}"},
    {TextId::kLabelEmailPlain, "Un código por correo"},
    {TextId::kLabelApp, "El código de su aplicación de autenticación"},
    {TextId::kLabelApproval, "Aprobar en su teléfono"},
    {TextId::kLabelHandOff, "Seguir en el navegador de su teléfono"},
    {TextId::kSecondEmail, "Hace falta una prueba más: un código por correo a {0}."},
    {TextId::kAskSendSecond, "Pulse Intro para recibir el código por correo: "},
    {TextId::kSecondApp,
     "Hace falta una prueba más: el código que muestra su aplicación de autenticación."},
    {TextId::kSecondApproval, "Hace falta una prueba más: su aprobación en su teléfono."},
    {TextId::kAskAskPhone, "Pulse Intro para preguntar a su teléfono: "},
    {TextId::kApprovalNumber,
     "Su teléfono pregunta ahora por este restablecimiento. Abra la pregunta y escriba allí este "
     "número: {0}."},
    {TextId::kAskApproved, "Cuando haya escrito {0} en su teléfono, pulse aquí Intro: "},
    {TextId::kAskApprovedOrOther,
     "Cuando haya escrito {0} en su teléfono, pulse aquí Intro (m: otra forma): "},
    {TextId::kHandOffWhere,
     "Abra {0} en su teléfono y escriba allí el código {1}. No dé el código a nadie."},
    {TextId::kAskHandedOff, "Cuando haya terminado con {0} en su teléfono, pulse aquí Intro: "},
    {TextId::kAskHandedOffOrOther,
     "Cuando haya terminado con {0} en su teléfono, pulse aquí Intro (m: otra forma): "},
    {TextId::kPhoneWaited, "Esperando a su teléfono. Un momento, por favor."},
    {TextId::kPhoneStillWaited,
     "Su teléfono aún no ha respondido. Busque allí la pregunta, respóndala y siga aquí."},
    {TextId::kPhoneSaidNo,
     "Su teléfono dijo que no, o allí se escribió otro número. Pregúntele otra vez o elija otra "
     "forma."},
    {TextId::kPhoneSilent,
     "Su teléfono no respondió a tiempo. Pregúntele otra vez o elija otra forma."},
    {TextId::kNoOtherWayButPhone, "No hay otra forma para esta cuenta. Siga en su teléfono."},
    {TextId::kCodeSent, "Se ha enviado un código a {0}. Puede tardar un minuto en llegar."},
    {TextId::kCodeSentPlain,
     "Se ha enviado un código a su correo. Puede tardar un minuto en llegar."},
    {TextId::kCodeStillGood, "Sigue donde estaba: el código enviado a {0} todavía vale."},
    {TextId::kAskEmailCode, "Código del correo (Intro: enviar otra vez): "},
    {TextId::kAskEmailCodeOrOther, "Código del correo (Intro: enviar otra vez, m: otra forma): "},
    {TextId::kAskAppCode, "Código de su aplicación de autenticación: "},
    {TextId::kAskAppCodeOrOther, "Código de su aplicación de autenticación (m: otra forma): "},
    {TextId::kCodeWrongLength, "El código tiene {0} cifras. Escríbalas todas."},
    {TextId::kCodeUnreadable, "Eso no es un código. Escriba solo las cifras del código."},
    {TextId::kAppCodeEmpty,
     "Abra su aplicación de autenticación y escriba el código que muestra ahora."},
    {TextId::kWrongCode, "Ese código no es correcto. Compruébelo y escríbalo otra vez."},
    {TextId::kWrongCodeLeft,
     "Ese código no es correcto. Compruébelo y escríbalo otra vez; quedan {0} intentos."},
    {TextId::kWrongCodeOneLeft,
     "Ese código no es correcto. Compruébelo y escríbalo otra vez; queda un intento."},
    {TextId::kWrongCodeNoneLeft,
     "Ese código no es correcto y ya no puede usarse. Pulse Intro para recibir otro."},
    {TextId::kWrongAppCodeNoneLeft,
     "Ese código no es correcto, y por ahora la aplicación ya no puede usarse. Elija otra forma."},
    {TextId::kResendTooEarly,
     "Hay un código en camino. Espérelo, o pulse Intro otra vez dentro de {0} segundos."},
    {TextId::kNoOtherWay, "No hay otra forma para esta cuenta. Escriba el código."},
    {TextId::kChoiceUnknown, "Escriba el número de una de las opciones."},
    {TextId::kOldHome,
     "Su carpeta personal está cifrada con la contraseña anterior. Una nueva sola no la abre: sus "
     "archivos siguen cerrados hasta que se dé la anterior."},
    {TextId::kOldKeyring,
     "Su depósito de claves, donde los programas guardan contraseñas, está cerrado con la "
     "contraseña anterior. Sin ella se aparta, no se borra; podrá abrirlo si la recuerda."},
    {TextId::kAskOldPassword, "Contraseña anterior, si la recuerda (Intro: seguir sin ella): "},
    {TextId::kTryingOld, "Probando la contraseña anterior. Un momento, por favor."},
    {TextId::kOldTaken, "Es correcta. Lo que protege se abrirá con su contraseña nueva."},
    {TextId::kOldWrong, "No lo abre todo. Pruebe con otra, o pulse Intro para seguir sin ella."},
    {TextId::kAskConsent,
     "¿Poner una contraseña nueva aunque su carpeta siga cerrada? Escriba sí, o Intro para "
     "parar: "},
    {TextId::kOldHomeStays,
     "No se ha cambiado nada: su carpeta personal necesita la contraseña anterior. Intente "
     "recordarla, o pida ayuda antes de poner una nueva. {help}"},
    {TextId::kPasswordRules,
     "Elija una contraseña nueva de al menos {0} caracteres. Unas palabras que solo usted juntaría "
     "van bien."},
    {TextId::kPasswordRulesKinds,
     "Elija una contraseña nueva de al menos {0} caracteres, con {1} de estas clases: minúsculas, "
     "mayúsculas, cifras, otros caracteres."},
    {TextId::kOldSeals,
     "Esta cuenta existe solo en este equipo, y al restablecerla falta la contraseña antigua. "
     "Las contraseñas que Windows guarda para usted, sus certificados y los archivos que cifró "
     "ya no se abrirán; los demás archivos quedan como están. Si aún puede recordarla, cancele "
     "y pruébela primero."},
    {TextId::kAskNewPassword, "Contraseña nueva: "},
    {TextId::kAskRepeat, "Contraseña nueva otra vez: "},
    {TextId::kPasswordEmpty, "Escriba una contraseña nueva."},
    {TextId::kPasswordMismatch,
     "Las dos contraseñas no son iguales. Escriba otra vez la contraseña nueva, dos veces."},
    {TextId::kPasswordTooShort,
     "Esa contraseña es demasiado corta. Elija una de al menos {0} caracteres."},
    {TextId::kPasswordTooShortForUs, "Esa contraseña es demasiado corta. Elija una más larga."},
    {TextId::kPasswordTooLong, "Esa contraseña es demasiado larga. Elija una más corta."},
    {TextId::kPasswordUntypable,
     "Esa contraseña tiene caracteres que quizá no puedan escribirse en todas partes. Elija otra."},
    {TextId::kPasswordTooFewKinds,
     "Use al menos {0} de estas clases: minúsculas, mayúsculas, cifras, otros caracteres."},
    {TextId::kPasswordForbiddenPart,
     "Esa contraseña contiene su nombre u otra palabra que no debe estar en ella. Elija otra."},
    {TextId::kPasswordTooWeak,
     "Esa contraseña es demasiado fácil de adivinar. Elija una más larga o menos común."},
    {TextId::kPasswordTooWeakHere, "Este equipo no acepta esa contraseña ({0}). Elija otra."},
    {TextId::kPasswordUsedBefore, "Ya ha usado esa contraseña. Elija otra."},
    {TextId::kPasswordBanned, "Mucha gente usa esa contraseña. Elija otra."},
    {TextId::kPasswordInvalid, "Esa contraseña tiene caracteres que no pueden usarse. Elija otra."},
    {TextId::kSetting, "Poniendo su contraseña nueva. Un momento, por favor."},
    {TextId::kUnlocking, "Desbloqueando la cuenta. Un momento, por favor."},
    {TextId::kSet, "Su contraseña nueva está puesta. Úsela desde ahora."},
    {TextId::kUnlocked, "Su cuenta está abierta de nuevo. Entre con su contraseña como antes."},
    {TextId::kSetInDirectory,
     "Su contraseña nueva está puesta. Úsela desde ahora; si se rechaza, espere un minuto y "
     "escríbala otra vez: puede que aún no la conozcan todos los servidores."},
    {TextId::kSetKeyringAside,
     "Su contraseña nueva está puesta. El depósito anterior se ha apartado: si recuerda la "
     "contraseña anterior, abra en Contraseñas y claves (o KWalletManager) el que lleva "
     "before-reset en el nombre y copie lo que necesite."},
    {TextId::kSetKeyringLeft,
     "Su contraseña nueva está puesta. Su depósito de claves aún pide la anterior: si la sabe, "
     "cámbiela en Contraseñas y claves o KWalletManager; si no, pida ayuda. {help}"},
    {TextId::kSetHomeLeft,
     "Su contraseña nueva está puesta. Su carpeta cifrada aún pide la anterior: escríbala cuando "
     "se la pidan, o pida ayuda antes de cambiar algo en ella. {help}"},
    {TextId::kNothingChanged,
     "No se ha cambiado nada. Escriba su contraseña, o empiece otra vez para restablecerla."},
    {TextId::kUnreachable,
     "No se puede conectar con el {product}. Compruebe la red de este equipo e inténtelo otra vez. "
     "{help}"},
    {TextId::kTimedOut,
     "El {product} no responde. Inténtelo otra vez dentro de unos minutos. {help}"},
    {TextId::kCertificate,
     "El {product} no ha podido demostrar que es el verdadero, así que no se ha enviado nada. No "
     "siga en esta red. {help}"},
    {TextId::kCertificateTime,
     "La fecha o la hora de este equipo parece equivocada, así que no se puede confiar en el "
     "{product}. Haga poner bien el reloj e inténtelo otra vez. {help}"},
    {TextId::kSignInPage,
     "Esta red pide antes iniciar sesión. Use otra red, o inicie sesión en esta, e inténtelo otra "
     "vez. {help}"},
    {TextId::kBadAnswer,
     "El {product} ha dado una respuesta sin sentido. No se ha cambiado nada. Inténtelo más tarde. "
     "{help}"},
    {TextId::kOutOfOrder,
     "El {product} no funciona en este momento. Inténtelo otra vez dentro de unos minutos. {help}"},
    {TextId::kInternal,
     "El restablecimiento no funciona ahora en este equipo. Escriba su contraseña, o inténtelo más "
     "tarde. {help}"},
    {TextId::kExpired, "Ha tardado demasiado. Empiece el restablecimiento otra vez."},
    {TextId::kTooManyAttempts,
     "Ha habido demasiados intentos. Espere una hora e inténtelo otra vez. {help}"},
    {TextId::kTooManyAttemptsMinutes,
     "Ha habido demasiados intentos. Inténtelo otra vez dentro de {0} minutos. {help}"},
    {TextId::kTooManyQuestions,
     "Ha habido demasiados intentos seguidos. Empiece el restablecimiento otra vez."},
    {TextId::kUseAnotherWay,
     "Esta cuenta no puede restablecerse aquí. Use la página web del {product} en otro "
     "dispositivo. {help}"},
    {TextId::kPhoneReported,
     "Alguien avisó de que no quería este restablecimiento; se ha detenido y no se ha cambiado "
     "nada. {help}"},
    {TextId::kNoSuchAccount,
     "Esta cuenta no puede restablecerse aquí. Compruebe el nombre de usuario. {help}"},
    {TextId::kEnrolDevice,
     "Las contraseñas solo se restablecen desde equipos registrados, y este no lo está: haga que "
     "lo registren. {help}"},
    {TextId::kDeviceRevoked,
     "Este equipo ya no puede restablecer contraseñas: haga que lo registren otra vez. {help}"},
    {TextId::kAskAdministrator, "El {product} no acepta este equipo. {help}"},
    {TextId::kNoMethods, "No hay forma de demostrar quién es para esta cuenta. {help}"},
    {TextId::kTooFewGates,
     "El {product} pide menos pruebas de las que exige este equipo, así que no se usa. {help}"},
    {TextId::kAccountNotPermitted,
     "La contraseña de esta cuenta no puede restablecerse aquí. Pregunte al administrador de este "
     "equipo."},
    {TextId::kAccountBusy,
     "Ya hay un restablecimiento de esta cuenta en marcha. Termínelo, o espere un minuto e "
     "inténtelo otra vez."},
    {TextId::kMachineNotReady,
     "Este equipo no puede poner contraseñas ahora. No se ha cambiado nada. Inténtelo más tarde. "
     "{help}"},
    {TextId::kMachineReadOnly,
     "Este equipo no guarda cambios, así que aquí no se puede poner la contraseña de una de sus "
     "propias cuentas. Use otro equipo, o pida ayuda. {help}"},
    {TextId::kHomeIsPassword,
     "La carpeta de esta cuenta está cerrada con su propia contraseña, que aquí no puede "
     "restablecerse. Escriba su clave de recuperación donde se pide la contraseña, o pida ayuda. "
     "{help}"},
    {TextId::kServiceCannotSetLocal,
     "El {product} no puede poner la contraseña de una cuenta de este equipo. No se ha cambiado "
     "nada. {help}"},
    {TextId::kNotSetByService,
     "El {product} no ha podido poner la contraseña nueva. No se ha cambiado nada. Inténtelo más "
     "tarde. {help}"},
    {TextId::kOutcomeUnknown,
     "Puede que su contraseña nueva ya esté puesta en el directorio. Intente entrar con ella; si "
     "se rechaza, use la anterior o empiece otra vez dentro de unos minutos. {help}"},
    {TextId::kLocalLater,
     "Su contraseña nueva está puesta en el directorio. Este equipo la toma por sí mismo en unos "
     "minutos; entre entonces con ella. {help}"},
    {TextId::kLocalNotSet,
     "Su contraseña nueva está puesta en el directorio, pero no en este equipo: su cuenta cambió "
     "entretanto. Empiece otra vez para poner las dos. {help}"},
    {TextId::kLocalUnknown,
     "Su nueva contraseña está establecida en el directorio. No se sabe si este equipo la ha "
     "tomado: pruebe a iniciar sesión con ella; si se rechaza, empiece de nuevo. {help}"},
    {TextId::kNotLocked,
     "Esta cuenta no está bloqueada. Escriba su contraseña, o empiece otra vez para "
     "poner una nueva. {help}"},
    {TextId::kUnlockRefused,
     "Aquí una cuenta solo se desbloquea con una contraseña nueva. Empiece otra vez y "
     "póngala. {help}"},
    {TextId::kNotUnlocked,
     "No se pudo desbloquear la cuenta. Su contraseña es la de antes. Inténtelo más "
     "tarde. {help}"},
    {TextId::kBadConfiguration,
     "El restablecimiento no está bien configurado en este equipo. Escriba su contraseña, o "
     "pregunte al administrador de este equipo."},
    {TextId::kNotYourAccount,
     "Desde aquí solo puede restablecer su propia contraseña. Cierre la sesión para restablecer "
     "otra en la pantalla de inicio."},
    {TextId::kUserNameRefused,
     "Este nombre de usuario no sirve para un restablecimiento. Compruébelo y empiece otra vez. "
     "{help}"},
    {TextId::kDemandReset,
     "Antes de seguir, esta cuenta necesita una contraseña nueva. Póngala ahora."},
    {TextId::kDemandBlocked, "En este momento no puede entrar con esta cuenta. {help}"},
    {TextId::kManagedPassword,
     "Esta es también su contraseña en el {product}. Las dos se cambian juntas."},
    {TextId::kUnreadyPassword,
     "Solo se cambia la contraseña de este equipo: el {product} aún no sabe cómo "
     "demuestra usted quién es. Abra {0} e indíqueselo."},
    {TextId::kReminder,
     "Todavía no podría restablecer una contraseña olvidada. Abra {0} y elija cómo "
     "demostraría quién es."},
    {TextId::kReminderToCheck,
     "Es hora de comprobar cómo demuestra quién es. Abra {0} y confírmelo."},
}};

}  // namespace sspr

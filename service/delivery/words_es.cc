// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/words.h"

namespace sspr::service {

constinit const Words kSpanishWords = {
    .mail =
        {"Hola, {name}:\n\n", "Hola:\n\n", "Su código para una contraseña nueva",
         "Su código para elegir una contraseña nueva es\n"
         "\n"
         "    {code}\n"
         "\n"
         "Escríbalo donde se le pida, en la pantalla de inicio de sesión. Sirve una vez, durante\n"
         "{minutes} minutos.\n"
         "\n"
         "Si no ha pedido una contraseña nueva, no haga nada: sin este código no cambia nada. No "
         "diga\n"
         "el código a nadie, ni siquiera a quien diga ser del servicio de asistencia.\n",
         "Su contraseña ha cambiado",
         "Su contraseña se cambió el {time}, después de que usted demostrara quién es en una "
         "pantalla\n"
         "de inicio de sesión.\n"
         "\n"
         "Si fue usted, no tiene que hacer nada.\n"
         "\n"
         "Si no fue usted, otra persona puede iniciar sesión en su lugar.\n{helpdesk}\n",
         "Pida ahora a su administrador que bloquee su cuenta.", "Su cuenta se ha desbloqueado",
         "Su cuenta se desbloqueó el {time}, después de que usted demostrara quién es en una "
         "pantalla\n"
         "de inicio de sesión. Su contraseña sigue siendo la misma.\n"
         "\n"
         "Si fue usted, no tiene que hacer nada.\n"
         "\n"
         "Si no fue usted, alguien tiene acceso a lo que demuestra quién es usted.\n{helpdesk}\n",
         "Se ha restablecido la contraseña de un administrador",
         "La contraseña del administrador {user} se restableció el {time}, sin intervención de "
         "nadie\n"
         "más.\n"
         "\n"
         "Si lo esperaba, no tiene que hacer nada. Si no, pregunte a {user} por un medio que no "
         "sea el\n"
         "correo y bloquee la cuenta hasta saberlo. Recibe este correo porque usted también es\n"
         "administrador.\n",
         "Sus métodos de inicio de sesión han cambiado",
         "El {time} cambió lo que demuestra quién es usted:\n"
         "\n"
         "    {what}\n"
         "\n"
         "Si fue usted, no tiene que hacer nada.\n"
         "\n"
         "Si no fue usted, quizá alguien esté a punto de quedarse con su cuenta.\n{helpdesk}\n",
         "Confirme su dirección",
         "Su código para confirmar esta dirección es\n"
         "\n"
         "    {code}\n"
         "\n"
         "Escríbalo en la página que lo pide. Sirve una vez, durante {minutes} minutos.\n"
         "\n"
         "Si no lo ha pedido, no haga nada. No diga el código a nadie.\n"},
    .phone =
        {"es",
         "{code} es su código para una contraseña nueva, durante {minutes} minutos. No lo diga a "
         "nadie. "
         "¿No lo ha pedido? No haga nada.\n",
         "Hola. Su código para una contraseña nueva es: {code}. Otra vez: {code}. No diga el "
         "código a "
         "nadie. Si no lo ha pedido, cuelgue y no haga nada.\n",
         "Su contraseña ha cambiado. Si no fue usted, pida ahora a su administrador que bloquee su "
         "cuenta.\n",
         "{code} confirma este número de teléfono, durante {minutes} minutos. No lo diga a nadie. "
         "¿No lo "
         "ha pedido? No haga nada.\n",
         "Hola. Su código para confirmar este número de teléfono es: {code}. Otra vez: {code}. No "
         "diga "
         "el código a nadie. Si no lo ha pedido, cuelgue y no haga nada.\n",
         "Sus métodos de inicio de sesión han cambiado. Si no fue usted, pida ahora a su "
         "administrador "
         "que bloquee su cuenta.\n"},
    .report =
        {"Ha avisado de un restablecimiento",
         "El {time} avisó en su teléfono de que otra persona estaba restableciendo su contraseña. "
         "Se\n"
         "detuvo y no se cambió nada. Durante {hours} horas nadie puede restablecer la contraseña "
         "de\n"
         "su cuenta, tampoco usted.\n"
         "\n"
         "Quizá alguien conozca otra de las formas en que usted demuestra quién es.\n{helpdesk}\n"
         "Si al final fue usted, su servicio de asistencia puede permitirlo de nuevo.\n",
         "Avise ahora a su servicio de asistencia.",
         "Alguien quiso restablecer una contraseña ajena",
         "{user} avisó el {time} de un restablecimiento no deseado de la contraseña de su cuenta. "
         "Se\n"
         "empezó desde la dirección {place}. Los restablecimientos de esta cuenta están detenidos\n"
         "durante {hours} horas.\n"
         "\n"
         "Pregunte a {user}, por un medio que no sea el correo, qué pasó, y busque en la auditoría "
         "qué\n"
         "más vino de esa dirección. Para permitirlos de nuevo:\n"
         "\n"
         "    ssprctl users allow-resets {user}\n",
         "Su nueva contraseña aún no se conoce en todas partes",
         "La contraseña que eligió el {time} es válida, pero uno de los sistemas que están detrás "
         "todavía\n"
         "no la tiene. Allí puede que valga aún la anterior.\n"
         "\n"
         "Se intenta de nuevo durante una hora. Si después la nueva contraseña sigue sin aceptarse "
         "en\n"
         "algún sitio, elija otra. {helpdesk}\n",
         "Si eso no ayuda, pida ayuda a su servicio de asistencia."},
    .caller =
        {"es", "El servicio de asistencia pregunta si es usted",
         "{code} es su código para el servicio de asistencia, durante {minutes} minutos.\n"
         "Léaselo al servicio de asistencia solo si ha llamado USTED. No cambia ninguna "
         "contraseña. Si "
         "no ha llamado, no lo diga a nadie y avise.\n",
         "Hola. Ha llamado al servicio de asistencia. Su código es: {code}. Otra vez: {code}. Si "
         "no ha "
         "llamado, cuelgue y no diga el código a nadie.\n",
         "Se ha añadido una forma de demostrar quién es usted",
         "El {time} un administrador añadió a su cuenta una forma de demostrar quién es usted.\n"
         "Si no la ha pedido, avise de inmediato.\n{helpdesk}\n",
         "Se ha quitado una forma de demostrar quién es usted",
         "El {time} un administrador quitó de su cuenta una forma de demostrar quién es usted.\n"
         "Si no lo ha pedido, avise de inmediato.\n{helpdesk}\n",
         "El servicio de asistencia ha emitido un pase para usted",
         "El {time} el servicio de asistencia emitió un pase para su cuenta, para alguien que "
         "llamó en su "
         "nombre.\n"
         "Si no fue usted, avise de inmediato.\n{helpdesk}\n",
         "Pida a su administrador que bloquee su cuenta."},
    .methods = {"Dirección de correo", "Aplicación de autenticación", "Número de teléfono para SMS",
                "Número de teléfono para llamadas", "Preguntas de seguridad",
                "Códigos de recuperación", "Teléfono que aprueba", "Clave de acceso", ": alta",
                ": sustitución", ": baja"},
};

}  // namespace sspr::service

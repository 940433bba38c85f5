using RestKv.Core.Auth;

namespace RestKv.Api.Http;

/// <summary>Access to keys as JSON has it.</summary>
internal static class PermissionText
{
    public static bool TryParse(string? text, out Access access)
    {
        access = text switch
        {
            "r" or "read" => Access.Read,
            "w" or "write" => Access.Write,
            "rw" or "readwrite" => Access.ReadWrite,
            "admin" => Access.Admin,
            _ => Access.None,
        };
        return access != Access.None;
    }

    public static string Of(Access access) => access switch
    {
        Access.Read => "r",
        Access.Write => "w",
        Access.ReadWrite => "rw",
        _ => "admin",
    };
}

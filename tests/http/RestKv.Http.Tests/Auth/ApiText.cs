using RestKv.Core.Auth;
using RestKv.Core.Model;

namespace RestKv.Http.Tests.Auth;

/// <summary>Ranges and permissions as both APIs write them.</summary>
internal static class ApiText
{
    /// <summary>A permission of the native API.</summary>
    public static string Of(Permission permission)
    {
        var access = permission.Access switch
        {
            Access.Read => "r",
            Access.Write => "w",
            _ => "rw",
        };
        return $$"""{{{Fields(permission.Range)}},"access":"{{access}}"}""";
    }

    /// <summary>The fields of a range in a native body.</summary>
    public static string Fields(in KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => $"\"keyBase64\":\"{Base64(range.Start)}\"",
        KeyRangeKind.From => $"\"startBase64\":\"{Base64(range.Start)}\"",
        _ => $"\"startBase64\":\"{Base64(range.Start)}\",\"endBase64\":\"{Base64(range.End)}\"",
    };

    /// <summary>The parameters of a range in a native query.</summary>
    public static string Query(in KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => $"key64={Url(range.Start)}",
        KeyRangeKind.From => $"start64={Url(range.Start)}",
        _ => $"start64={Url(range.Start)}&end64={Url(range.End)}",
    };

    /// <summary>The fields of a range in a body of etcd's.</summary>
    public static string Etcd(in KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => $"\"key\":\"{Base64(range.Start)}\"",
        KeyRangeKind.From => $"\"key\":\"{Base64(range.Start)}\",\"range_end\":\"AA==\"",
        _ => $"\"key\":\"{Base64(range.Start)}\",\"range_end\":\"{Base64(range.End)}\"",
    };

    public static string Url(ReadOnlyMemory<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes.Span);

    public static string Base64(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span);
}

using System.Diagnostics;
using System.Globalization;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// One network namespace for each name, on a bridge, each knowing the others by name: what a compose network is, without a
/// container engine. Needs root and `ip`. The test itself reaches them by address.
/// </summary>
internal sealed class NetworkNamespaces : IAsyncDisposable
{
    private readonly string _tag = string.Create(CultureInfo.InvariantCulture, $"rk{Environment.ProcessId % 100_000}");
    private readonly string _subnet = string.Create(
        CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId / 250 % 128)}.{Environment.ProcessId % 250}");
    private readonly string[] _names;

    private NetworkNamespaces(string[] names) => _names = names;

    /// <summary>Null where this is not allowed.</summary>
    public static async Task<NetworkNamespaces?> TryCreateAsync(params string[] names)
    {
        var made = new NetworkNamespaces(names);
        if (await made.TryMakeAsync())
        {
            return made;
        }

        await made.DisposeAsync();
        return null;
    }

    public string AddressOf(string name) => string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{Array.IndexOf(_names, name) + 2}");

    /// <summary>The same command, run inside; the process is the command's own.</summary>
    public ProcessStartInfo Enter(string name, ProcessStartInfo command)
    {
        string[] arguments = ["netns", "exec", SpaceOf(name), command.FileName, .. command.ArgumentList];
        command.FileName = "ip";
        command.ArgumentList.Clear();
        foreach (var argument in arguments)
        {
            command.ArgumentList.Add(argument);
        }

        return command;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _names)
        {
            await TryRunAsync("netns", "del", SpaceOf(name));
            if (Directory.Exists(HostsFolderOf(name)))
            {
                Directory.Delete(HostsFolderOf(name), recursive: true);
            }
        }

        await TryRunAsync("link", "del", _tag);
    }

    private string SpaceOf(string name) => $"{_tag}-{name}";

    /// <summary>`ip netns exec` puts what lies there in the place of /etc.</summary>
    private string HostsFolderOf(string name) => $"/etc/netns/{SpaceOf(name)}";

    private async Task<bool> TryMakeAsync()
    {
        var hosts = "127.0.0.1 localhost\n" + string.Concat(_names.Select(name => $"{AddressOf(name)} {name}\n"));
        if (!await TryRunAsync("link", "add", _tag, "type", "bridge")
            || !await TryRunAsync("addr", "add", $"{_subnet}.1/24", "dev", _tag)
            || !await TryRunAsync("link", "set", _tag, "up"))
        {
            return false;
        }

        foreach (var name in _names)
        {
            // Root may do this; who may not got no further than the line above.
            Directory.CreateDirectory(HostsFolderOf(name));
            await File.WriteAllTextAsync(Path.Combine(HostsFolderOf(name), "hosts"), hosts);
            var (space, near, far) = (SpaceOf(name), $"{_tag}{name}a", $"{_tag}{name}b");
            if (!await TryRunAsync("netns", "add", space)
                || !await TryRunAsync("link", "add", near, "type", "veth", "peer", "name", far)
                || !await TryRunAsync("link", "set", near, "master", _tag, "up")
                || !await TryRunAsync("link", "set", far, "netns", space)
                || !await TryRunAsync("-n", space, "addr", "add", $"{AddressOf(name)}/24", "dev", far)
                || !await TryRunAsync("-n", space, "link", "set", far, "up")
                || !await TryRunAsync("-n", space, "link", "set", "lo", "up"))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<bool> TryRunAsync(params string[] arguments)
    {
        try
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            await ip.StandardError.ReadToEndAsync();
            await ip.WaitForExitAsync();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program here.
            return false;
        }
    }
}

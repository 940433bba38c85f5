using System.Diagnostics;
using System.Globalization;

namespace RestKv.Cluster.Tests.Support;

/// <summary>
/// One network namespace for each name, on a bridge, each knowing the others by name: what a compose network is, without a
/// container engine. Needs root and `ip`. The test itself reaches them by address, also when they do not reach each other:
/// what one sends to another is lost as long as its way there leads into a device that takes everything and delivers nothing.
/// </summary>
internal sealed class NetworkNamespaces : IAsyncDisposable
{
    private const string Void = "void";
    private const int NetworksMax = 16;
    private const int AddressesEach = 16;

    private static int last = -1;

    private readonly int _number = Interlocked.Increment(ref last) % NetworksMax;
    private readonly string _tag;
    private readonly string _subnet = string.Create(
        CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId / 250 % 128)}.{Environment.ProcessId % 250}");
    private readonly string[] _names;

    private NetworkNamespaces(string[] names)
    {
        Assert.True(names.Length <= AddressesEach - 3, "more names than addresses");
        _names = names;
        _tag = string.Create(CultureInfo.InvariantCulture, $"rk{Environment.ProcessId % 100_000}{(char)('a' + _number)}");
    }

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

    public string AddressOf(string name) => Address(Array.IndexOf(_names, name) + 2);

    /// <summary>From now on nothing that one of them sends arrives at the other; the other way it still does.</summary>
    public async Task CutAsync(params (string From, string To)[] ways)
    {
        foreach (var ofOne in ways.GroupBy(way => way.From))
        {
            var commands = ofOne.Select(way => $"route replace {AddressOf(way.To)}/32 dev {Void}");
            var script = string.Join('\n', commands) + "\n";
            Assert.True(await TryRunProgramAsync("ip", script, "-n", SpaceOf(ofOne.Key), "-batch", "-"), $"cut {ofOne.Key}");
        }
    }

    /// <summary>Everything arrives again, at full speed.</summary>
    public async Task HealAsync()
    {
        foreach (var name in _names)
        {
            Assert.True(await TryRunAsync("-n", SpaceOf(name), "route", "flush", "dev", Void), $"heal {name}");
            await TryRunProgramAsync("tc", "", "-n", SpaceOf(name), "qdisc", "del", "dev", FarOf(name), "root");
        }
    }

    /// <summary>What it sends, to whomever, leaves at so many kilobits a second. False where the kernel cannot.</summary>
    public Task<bool> SlowDownAsync(string name, int kilobits) => TryRunProgramAsync(
        "tc", "", "-n", SpaceOf(name), "qdisc", "replace", "dev", FarOf(name), "root", "tbf",
        "rate", string.Create(CultureInfo.InvariantCulture, $"{kilobits}kbit"), "burst", "16kb", "latency", "500ms");

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

    private string Address(int host) =>
        string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{(_number * AddressesEach) + host}");

    private string SpaceOf(string name) => $"{_tag}-{name}";

    private string FarOf(string name) => $"{_tag}{name}b";

    /// <summary>`ip netns exec` puts what lies there in the place of /etc.</summary>
    private string HostsFolderOf(string name) => $"/etc/netns/{SpaceOf(name)}";

    private async Task<bool> TryMakeAsync()
    {
        var hosts = "127.0.0.1 localhost\n" + string.Concat(_names.Select(name => $"{AddressOf(name)} {name}\n"));
        if (!await TryRunAsync("link", "add", _tag, "type", "bridge")
            || !await TryRunAsync("addr", "add", $"{Address(1)}/28", "dev", _tag)
            || !await TryRunAsync("link", "set", _tag, "up"))
        {
            return false;
        }

        foreach (var name in _names)
        {
            // Root may do this; who may not got no further than the line above.
            Directory.CreateDirectory(HostsFolderOf(name));
            await File.WriteAllTextAsync(Path.Combine(HostsFolderOf(name), "hosts"), hosts);
            var (space, near, far) = (SpaceOf(name), $"{_tag}{name}a", FarOf(name));
            if (!await TryRunAsync("netns", "add", space)
                || !await TryRunAsync("link", "add", near, "type", "veth", "peer", "name", far)
                || !await TryRunAsync("link", "set", near, "master", _tag, "up")
                || !await TryRunAsync("link", "set", far, "netns", space)
                || !await TryRunAsync("-n", space, "addr", "add", $"{AddressOf(name)}/28", "dev", far)
                || !await TryRunAsync("-n", space, "link", "set", far, "up")
                || !await TryRunAsync("-n", space, "link", "set", "lo", "up")

                // A bridge without ports that asks for nobody's address: packets go in and that is all.
                || !await TryRunAsync("-n", space, "link", "add", Void, "type", "bridge")
                || !await TryRunAsync("-n", space, "link", "set", Void, "arp", "off", "up"))
            {
                return false;
            }
        }

        return true;
    }

    private static Task<bool> TryRunAsync(params string[] arguments) => TryRunProgramAsync("ip", "", arguments);

    private static async Task<bool> TryRunProgramAsync(string program, string input, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program here.
            return false;
        }
    }
}
